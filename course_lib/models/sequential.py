"""`Sequential`: a stack of layers that can be trained, asked, saved and loaded."""

import numpy as np

from course_lib import losses, optimizers
from course_lib.backend import new_rng, theano
from course_lib.checks import as_float, finite_array, number_in, positive_int, whole_numbers
from course_lib.models import files
from course_lib.models.graph import Graph
from course_lib.models.stack import from_plan, plan, subclass
from course_lib.training import batches_of, padded, train, weighted_batches


class Sequential(Graph):
    """Layers one after the other, with Keras's methods.

    The sizes of the inputs are taken from the first layer's `input_shape`, or from the data
    at the first call of `fit`.
    """

    def __init__(self, layers=()):
        self.batch_size = 32
        super().__init__(layers)

    def check_inputs(self, X):
        """`X` as an array the first layer takes, else ValueError."""
        X = finite_array("X", X)
        first = self.layers[0]
        expected = first.input_shape or first.requested_input_shape
        fits = expected is None or (
            X.ndim == len(expected) + 1
            and all(n is None or n == m for n, m in zip(expected, X.shape[1:]))
        )
        if not fits:
            sizes = ", ".join("any" if n is None else str(n) for n in expected)
            hint = ""
            if X.ndim == len(expected):
                hint = "; add the missing axis of one feature with X[..., None]"
            raise ValueError(f"X must have shape (samples, {sizes}), got {X.shape}{hint}")
        if first.dtype is None:
            return as_float("X", X, theano.config.floatX)
        return whole_numbers("X", X, first.input_dim, "symbol numbers").astype(first.dtype)

    def check_data(self, X, y, sample_weight=None):
        """(X, y, weights) as arrays that fit this model, else ValueError."""
        if not self.layers:
            raise ValueError("this model has no layers: add one first")
        X = self.check_inputs(X)
        if np.ndim(y) == 0 or len(y) != len(X):
            raise ValueError(
                f"X has {len(X)} samples and y has {np.size(y) and len(np.atleast_1d(y))}"
                ": they must be equal"
            )
        if not self.built:
            self.build(X.shape[1:])
        y = self.loss.check(y, (len(X), *self.output_shape(X.shape[1:])))
        mask = self.mask_of(X) if self.loss.reads_mask else None
        if mask is not None:
            self.loss.check_steps(y, mask.sum(axis=1))
        weights = (
            np.ones(len(X))
            if sample_weight is None
            else finite_array("sample_weight", sample_weight)
        )
        if weights.shape != (len(X),) or weights.min() < 0 or weights.max() == 0:
            raise ValueError(
                f"sample_weight must be {len(X)} numbers, none negative and not all 0, got "
                f"shape {weights.shape} and values from {weights.min():g} to {weights.max():g}"
            )
        return X, y, weights

    def check_batches(self, n, batch_size):
        """Raise ValueError if a stateful model cannot cut `n` samples into equal batches."""
        if n % batch_size and any(layer.stateful for layer in self.layers):
            raise ValueError(
                f"a stateful model needs a number of samples divisible by "
                f"batch_size {batch_size}, got {n}"
            )

    def prepare_states(self, n, batch_size):
        """Give stateful layers a state per row of a batch."""
        self.check_batches(n, batch_size)
        for layer in self.layers:
            if layer.stateful and len(layer.states[0].get_value(borrow=True)) != batch_size:
                layer.reset_states(batch_size)

    def fit(
        self,
        x,
        y,
        batch_size=32,
        epochs=1,
        verbose=1,
        callbacks=(),
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        sample_weight=None,
    ):
        """Train; returns a `training.History`.

        `validation_split` sets the last part of the data aside before shuffling;
        `validation_data` is (X, y). Both add figures whose names start with ``val_``.

        Raises ValueError for data that do not fit the model, before anything is compiled,
        and `training.NonFiniteLossError` when the loss becomes NaN or infinite.
        """
        self.require_loss("fit")
        batch_size = positive_int("batch_size", batch_size)
        positive_int("epochs", epochs)
        data = self.check_data(x, y, sample_weight)
        validation = None
        if validation_data is not None:
            validation = self.check_data(*validation_data)
        elif validation_split:
            cut = int(len(data[0]) * (1 - number_in("validation_split", validation_split, 0, 1)))
            if cut == 0 or cut == len(data[0]):
                raise ValueError(
                    f"validation_split={validation_split} of {len(data[0])} samples "
                    "leaves nothing to train on or nothing to validate on"
                )
            data, validation = [a[:cut] for a in data], [a[cut:] for a in data]
            if not data[2].any() or not validation[2].any():
                raise ValueError(
                    f"with validation_split={validation_split} one part has no sample with a "
                    "sample_weight above 0"
                )
        self.batch_size = min(batch_size, len(data[0]))
        if validation is not None:
            self.check_batches(len(validation[0]), self.batch_size)
        self.prepare_states(len(data[0]), self.batch_size)
        if not self.trainable_weights:
            raise ValueError("there is nothing to train: every layer has trainable=False")
        if self.optimizer.parameters != self.trainable_weights:  # new, or another model's since
            self.optimizer.build(self.trainable_weights)
            kept = {key: run for key, run in self.functions.items() if key[0] != "train"}
            self.functions = kept
        return train(
            self, data, epochs, self.batch_size, shuffle, new_rng(), validation, callbacks, verbose
        )

    def test(self, data, batch_size):
        """Loss and metrics on checked data, as a dict."""
        n = len(data[0])
        self.prepare_states(n, batch_size)
        run = self.test_function(data[0].shape[1:], batch_size)
        totals, weight = 0.0, 0.0
        for X, y, weights in weighted_batches(data, batch_size, np.arange(n)):
            with np.errstate(all="ignore"):
                figures = np.array(run(X, y, weights))
            totals, weight = totals + figures * weights.sum(), weight + weights.sum()
        return dict(zip(self.figure_names, (totals / weight).tolist()))

    def validate(self, data, batch_size):
        """What `test` returns, from zero states; stateful layers go on where they were."""
        states = [s for layer in self.layers if layer.stateful for s in layer.states]
        kept = [state.get_value() for state in states]
        self.reset_states()
        figures = self.test(data, batch_size)
        for state, value in zip(states, kept):
            state.set_value(value)
        return figures

    def evaluate(self, x, y, batch_size=None, verbose=0, sample_weight=None):
        """The loss on (X, y); with metrics a list of loss and metrics, as in Keras."""
        self.require_loss("evaluate")
        self.require_built("evaluate")
        data = self.check_data(x, y, sample_weight)
        figures = self.test(data, self.chosen_batch_size(batch_size))
        return list(figures.values()) if self.metrics else figures["loss"]

    def chosen_batch_size(self, batch_size):
        return self.batch_size if batch_size is None else positive_int("batch_size", batch_size)

    def predict(self, x, batch_size=None, verbose=0):
        """The outputs for `x` as a numpy array."""
        self.require_built("predict")
        X = self.check_inputs(x)
        batch_size = self.chosen_batch_size(batch_size)
        self.prepare_states(len(X), batch_size)
        run = self.predict_function(X.shape[1:], batch_size)
        outputs = []
        for indices in batches_of(len(X), batch_size, np.arange(len(X))):
            filled, _ = padded(indices, batch_size)
            outputs.append(run(X[filled])[: len(indices)])
        return np.concatenate(outputs)

    def require_loss(self, what):
        if self.loss is None:
            raise ValueError(f"{what} needs a loss: call compile(optimizer=..., loss=...) first")

    def save(self, path):
        """Write architecture, weights, loss and optimizer settings to `path` (numpy's .npz).

        Atomic: an interrupted save leaves an older file as it was.
        """
        self.require_built("save")
        values = {
            "input_shape": self.layers[0].input_shape,
            "layers": [plan(layer) for layer in self.layers],
            "compile": None,
        }
        if self.loss is not None:
            values["compile"] = {
                "optimizer": [type(self.optimizer).__name__, self.optimizer.config()],
                "loss": [type(self.loss).__name__, self.loss.config()],
                "metrics": list(self.metrics),
            }
        files.write(path, values, self.get_weights())


def load_model(path):
    """The model that `Sequential.save` wrote to `path`. Nothing in the file is executed.

    Raises ValueError if the file is no model, is damaged, or is of a newer version.
    """
    return files.read(path, _model)


def _model(values, weights):
    model = Sequential([from_plan(entry) for entry in values["layers"]])
    model.build(values["input_shape"])
    model.set_weights(weights)
    if values["compile"] is not None:
        (optimizer, options), (loss, loss_options) = (
            values["compile"]["optimizer"],
            values["compile"]["loss"],
        )
        model.compile(
            optimizer=subclass(optimizers, optimizer, optimizers.Optimizer)(**options),
            loss=subclass(losses, loss, losses.Loss)(**loss_options),
            metrics=values["compile"]["metrics"],
        )
    return model
