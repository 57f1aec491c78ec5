"""Training the last layer alone, by linear regression, as in an echo state network."""

import numpy as np

from course_lib.arguments import finite_array, number_in, whole_number_from
from course_lib.layers import Dense


def fit_ridge(model, X, y, penalty=1e-8, washout=0):
    """Set the weights of the last layer by ridge regression; all other layers stay as they are.

    Runs the layers before the last one over `X` (samples, time, features) once, from states of
    zero, and chooses W and b of the Dense layer such that the squared errors plus `penalty` times
    the squared weights W have the smallest sum, over all samples and time steps but masked ones and
    the first `washout` others of each sequence (in which the states still depend on the start). `y`
    is (samples, time, outputs), or (samples, time) for one output. Solved in double precision.
    Returns the model.

    Raises ValueError unless the last layer is a Dense one without activation after layers that
    give sequences, and for a negative penalty, a washout that leaves nothing, or a wrong shape.
    """
    model.require_built("fit_ridge")
    *before, dense = model.layers
    if not isinstance(dense, Dense) or dense.options["activation"] not in (None, "linear"):
        raise ValueError(
            "fit_ridge needs a Dense layer without activation at the end, got "
            f"{type(dense).__name__} {dense.name!r}"
        )
    if not before or len(dense.input_shape) != 2:
        raise ValueError(
            "fit_ridge needs layers before the Dense one that give sequences: is there a "
            "recurrent layer with return_sequences=True?"
        )
    penalty = number_in("penalty", penalty, 0, np.inf)
    X, y, washout = checked(model, X, y, washout)
    H, mask = states(model, X), model.mask_of(X)
    counts = np.ones(H.shape[:2], bool) if mask is None else mask.astype(bool)
    counts &= np.cumsum(counts, axis=1) > washout
    if not counts.any():
        raise ValueError(f"after a washout of {washout} every time step of X is masked")
    dense.set_weights(ridge(H[counts], y[counts], penalty, dense.options["use_bias"]))
    return model


def checked(model, X, y, washout):
    """X, y as (samples, time, outputs), and washout; else ValueError."""
    X, y = model.check_inputs(X), finite_array("y", y)
    outputs, washout = model.layers[-1].units, whole_number_from(0, "washout", washout)
    if y.ndim == 2 and outputs == 1:
        y = y[..., None]
    if y.shape != (*X.shape[:2], outputs):
        raise ValueError(
            f"y must have one row of {outputs} per time step of X, shape "
            f"{(*X.shape[:2], outputs)}, got {y.shape}"
        )
    if washout >= X.shape[1]:
        raise ValueError(f"a washout of {washout} leaves nothing of {X.shape[1]} time steps")
    return X, y, washout


def states(model, X):
    """What the last layer reads, from states of zero: (samples, time, units)."""

    def make(x):
        return [], model.forward(x, layers=model.layers[:-1])[0], []

    model.reset_states()
    model.prepare_states(len(X), len(X))
    return model.function_for("read-out", X.shape[1:], len(X), make)(X)


def ridge(H, y, penalty, bias=True):
    """W (units, outputs) and b (outputs,) with the smallest |H W + b - y|^2 + penalty |W|^2.

    H is (rows, units), y (rows, outputs). Without `bias` there is no b.
    """
    H, y = H.astype("float64"), y.astype("float64")
    H_mean, y_mean = (H.mean(axis=0), y.mean(axis=0)) if bias else (0, 0)
    # Rows for the penalty below those of the data: numerically better than normal equations.
    A = np.vstack([H - H_mean, np.sqrt(penalty) * np.eye(H.shape[1])])
    targets = np.vstack([y - y_mean, np.zeros((H.shape[1], y.shape[1]))])
    W = np.linalg.lstsq(A, targets, rcond=None)[0]
    return [W, y_mean - H_mean @ W] if bias else [W]
