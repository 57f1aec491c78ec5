"""What training makes small. Every loss gives one number per sample (and time step).

`check` turns a learner's targets into an array of the right type and shape, or raises a
ValueError that says what was expected.
"""

import numpy as np

from course_lib import ctc
from course_lib.arguments import Configurable, as_float, finite_array, one_of, whole_numbers
from course_lib.backend import T, floatX, log_softmax, softplus, theano

EPSILON = 1e-7  # probabilities are kept this far from 0 and 1, as in Keras


class Loss(Configurable):
    """Called with symbolic targets and outputs; returns the mean over the last axis."""

    integer_targets = False
    reads_mask = False
    from_logits = False

    def config(self):
        return {}

    def check(self, y, shape):
        """`y` as an array that fits outputs of `shape` (batch axis first), else ValueError."""
        y = finite_array("y", y)
        if y.shape != tuple(shape) and (*y.shape, 1) == tuple(shape):
            y = y[..., None]
        if y.shape != tuple(shape):
            raise ValueError(
                f"y must have the shape of the model's output, {tuple(shape)}, got {y.shape}"
                + sequences_hint(y.shape, shape)
            )
        return as_float("y", y, theano.config.floatX)

    def values_shape(self, outputs):
        """The shape of what the loss gives for outputs of shape `outputs`."""
        return tuple(outputs[:-1])

    def classes(self, y, outputs):
        """The class of each target in the checked `y`, and how many classes there are.

        Raises ValueError for a loss that knows no classes.
        """
        raise ValueError(
            f"class_weight needs one class per target, and {type(self).__name__} has no classes: "
            "weigh samples with sample_weight"
        )


def sequences_hint(y, outputs):
    """What to do about targets of shape `y` that have a time axis too many, or too few, for
    outputs of shape `outputs`."""
    if len(outputs) == 2 and len(y) > 2:
        return ": for a target per time step the last recurrent layer needs return_sequences=True"
    if len(outputs) == 3 and (len(y) < 2 or y[1:] in ((1,), outputs[2:])):
        return ": for one target per sequence the last recurrent layer needs return_sequences=False"
    return ""


class MeanSquaredError(Loss):
    """(y - output)^2"""

    def __call__(self, y, output):
        return T.sqr(output - y).mean(axis=-1)


class MeanAbsoluteError(Loss):
    """|y - output|"""

    def __call__(self, y, output):
        return abs(output - y).mean(axis=-1)


class CrossEntropy(Loss):
    """What all cross-entropies share: outputs are probabilities, or logits."""

    def __init__(self, from_logits=False):
        self.from_logits = bool(from_logits)

    def config(self):
        return {"from_logits": self.from_logits}

    def log_probabilities(self, output):
        """log p of every class, the last axis."""
        if self.from_logits:
            return log_softmax(output)
        return T.log(T.clip(output, EPSILON, 1 - EPSILON))


class BinaryCrossentropy(CrossEntropy):
    """-y log p - (1 - y) log(1 - p) in nats, for targets between 0 and 1.

    Outputs are probabilities p, or with `from_logits` log(p / (1 - p)).
    """

    def check(self, y, shape):
        y = super().check(y, shape)
        if y.min() < 0 or y.max() > 1:
            raise ValueError(
                f"binary cross-entropy needs targets between 0 and 1, got values "
                f"from {y.min():g} to {y.max():g}"
            )
        return y

    def classes(self, y, outputs):
        if outputs[-1] != 1 or not np.isin(y, (0, 1)).all():
            raise ValueError(
                "class_weight needs one class per target, and here there are "
                f"{outputs[-1]} per output with values from {y.min():g} to {y.max():g}"
            )
        return y[..., 0].astype("int64"), 2

    def __call__(self, y, output):
        if self.from_logits:
            return (softplus(output) - y * output).mean(axis=-1)
        p = T.clip(output, EPSILON, 1 - EPSILON)
        return -(y * T.log(p) + (1 - y) * T.log(1 - p)).mean(axis=-1)


class SparseCategoricalCrossentropy(CrossEntropy):
    """-log p[y] in nats, for targets that are class numbers 0 .. classes-1.

    Outputs (..., classes) are probabilities, or with `from_logits` log p up to a constant.
    """

    integer_targets = True

    def check(self, y, shape):
        y, classes = finite_array("y", y), shape[-1]
        if y.shape == (*shape[:-1], 1):
            y = y[..., 0]
        if y.shape != tuple(shape[:-1]):
            raise ValueError(
                f"y must hold one class number per output, shape {tuple(shape[:-1])}, got {y.shape}"
                + self.hint(y.shape, tuple(shape))
            )
        outputs = f"labels for a model with {classes} outputs"
        return whole_numbers("y", y, classes, outputs).astype("int32")

    def hint(self, y, outputs):
        """What to do about targets of shape `y` that do not fit outputs of shape `outputs`."""
        if y == outputs:
            return ": for one-hot targets choose loss='categorical_crossentropy'"
        return sequences_hint(y, outputs) or sequences_hint((*y, outputs[-1]), outputs)

    def classes(self, y, outputs):
        return y, outputs[-1]

    def __call__(self, y, output):
        log_p = self.log_probabilities(output)
        # Picking by a 0/1 mask: its gradient is a product, where an index needs a scatter.
        chosen = T.eq(T.arange(output.shape[-1]), T.shape_padright(y))
        return -(log_p * chosen).sum(axis=-1)


class CategoricalCrossentropy(CrossEntropy):
    """-sum_k y_k log p_k in nats, for targets that are one-hot, or a probability for each class.

    Targets and outputs are of one shape, (..., classes); outputs are probabilities, or with
    `from_logits` log p up to a constant. In targets for sequences a row may be all 0, where a
    sequence is filled up: its loss is 0. For class weights the class of a target is its most
    probable one, as in Keras.
    """

    def check(self, y, shape):
        y, shape = finite_array("y", y), tuple(shape)
        if shape[-1] == 1:
            raise ValueError(
                "categorical cross-entropy needs an output for each class, two or more, got 1: "
                "for one output choose loss='binary_crossentropy'"
            )
        if y.shape in (shape[:-1], (*shape[:-1], 1)):
            raise ValueError(
                f"y must be one-hot, shape {shape}, got {y.shape}: for class numbers choose "
                "loss='sparse_categorical_crossentropy'"
            )
        y = super().check(y, shape)
        adds_up = abs(y.sum(axis=-1) - 1) < 1e-3
        if len(shape) > 2:
            adds_up |= (y == 0).all(axis=-1)
        wrong = (y.min(axis=-1) < 0) | ~adds_up
        if wrong.any():
            where = tuple(np.argwhere(wrong)[0].tolist())
            row = y[where]
            raise ValueError(
                f"y must be one-hot, or probabilities that add up to 1 over the classes, got "
                f"values from {row.min():g} to {row.max():g} that add up to {row.sum():g} in row "
                f"{where}: for class numbers choose loss='sparse_categorical_crossentropy'"
            )
        return y

    def classes(self, y, outputs):
        return y.argmax(axis=-1), outputs[-1]

    def __call__(self, y, output):
        return -(y * self.log_probabilities(output)).sum(axis=-1)


class QuantileLoss(Loss):
    """max(q (y - output), (q - 1) (y - output)), the pinball loss, for each of `quantiles`.

    It is smallest, on average, when a share q of all targets lies below the output (Koenker &
    Bassett, 1978). Quantiles are between 0 and 1 and rise. The model has one output per target
    and quantile: all quantiles of the first target, then all of the second, and so on. Its
    loss is the mean over them.
    """

    def __init__(self, quantiles=(0.1, 0.5, 0.9)):
        given = finite_array("quantiles", quantiles)
        rise = given.ndim == 1 and (np.diff(given) > 0).all()
        if not rise or given[0] <= 0 or given[-1] >= 1:
            raise ValueError(
                f"quantiles must be numbers between 0 and 1 that rise, such as (0.1, 0.5, 0.9), "
                f"got {quantiles!r}"
            )
        self.quantiles = given.tolist()

    def config(self):
        return {"quantiles": self.quantiles}

    def check(self, y, shape):
        targets, rest = divmod(shape[-1], len(self.quantiles))
        if rest:
            raise ValueError(
                f"{len(self.quantiles)} quantiles need {len(self.quantiles)} outputs per target, "
                f"as from Dense({(targets + 1) * len(self.quantiles)}), got {shape[-1]} outputs"
            )
        y = finite_array("y", y)
        if targets == 1 and y.shape == tuple(shape[:-1]):
            y = y[..., None]
        if y.shape != (*shape[:-1], targets):
            raise ValueError(
                f"y must have one value per target, shape {(*shape[:-1], targets)}, got {y.shape}"
                + sequences_hint(y.shape, (*shape[:-1], targets))
            )
        return np.repeat(as_float("y", y, theano.config.floatX), len(self.quantiles), axis=-1)

    def __call__(self, y, output):
        q, error = floatX(self.quantiles), y - output
        rows = error.reshape((-1, len(self.quantiles)))
        pinball = T.maximum(q * rows, (q - floatX(1)) * rows)
        return pinball.reshape(error.shape, ndim=error.ndim).mean(axis=-1)


class CTC(CrossEntropy):
    """-log p(labels | inputs) in nats, whatever the times of the labels; see `ctc`.

    Outputs (batch, time, classes) are probabilities, or with `from_logits` log p up to a
    constant; class 0 is the blank. Targets (batch, labels) are class numbers from 1 on, filled
    up with 0 at their end.
    """

    integer_targets = True
    reads_mask = True

    def check(self, y, shape):
        y = finite_array("y", y)
        if len(shape) != 3 or y.ndim != 2:
            raise ValueError(
                f"CTC needs outputs (batch, time, classes) and labels (batch, labels), got "
                f"{tuple(shape)} and {y.shape}: does the last recurrent layer return sequences?"
            )
        outputs = f"labels for a model with {shape[2]} outputs, 0 for none"
        y = whole_numbers("y", y, shape[2], outputs).astype("int32")
        after_end = (np.cumsum(y == ctc.BLANK, axis=1) * y).any(axis=1)
        for wrong, what, allowed in [
            (~y.any(axis=1), "has no labels", "every sample needs one or more"),
            (after_end, "has a label after a 0", "0 only fills up the end"),
        ]:
            if wrong.any():
                i = int(wrong.argmax())
                raise ValueError(f"sample {i} {what}: y[{i}] is {y[i].tolist()}, and {allowed}")
        self.check_steps(y, np.full(len(y), shape[1]))
        return y

    def check_steps(self, y, steps):
        """Raise ValueError if a row of `y` needs more time steps than its entry in `steps`."""
        # Equal neighbors need a blank between them, one step more.
        repeats = (y[:, 1:] == y[:, :-1]) & (y[:, 1:] != ctc.BLANK)
        needed = (y != ctc.BLANK).sum(axis=1) + repeats.sum(axis=1)
        if (needed > steps).any():
            i = int((needed > steps).argmax())
            raise ValueError(
                f"sample {i} has more labels than fit into {steps[i]} time steps: y[{i}] is "
                f"{y[i].tolist()} and needs at least {needed[i]}, one per label and one more "
                f"between equal neighbors"
            )

    def values_shape(self, outputs):
        return tuple(outputs[:1])

    def __call__(self, y, output, mask=None):
        return ctc.loss(y, self.log_probabilities(output), mask)


LOSSES = {
    "binary_crossentropy": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "ctc": CTC,
    "mae": MeanAbsoluteError,
    "mean_absolute_error": MeanAbsoluteError,
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
}


def get(loss):
    """The loss called `loss`, or `loss` itself if it is one already."""
    if isinstance(loss, Loss):
        return loss
    return one_of("loss", loss, LOSSES)()
