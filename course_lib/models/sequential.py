"""`Sequential`: a stack of layers that can be trained, asked, saved and loaded."""

import numpy as np

from course_lib.arguments import as_float, finite_array, number_in, positive_int, whole_numbers
from course_lib.backend import theano
from course_lib.models import saving
from course_lib.models.graph import Graph
from course_lib.models.weighting import class_weights, sample_weights
from course_lib.training import Training, mean_figures, padded_batches, weighted_batches


class Sequential(Graph):
    """Layers one after the other, with Keras's methods.

    The sizes of the inputs are taken from the first layer's `input_shape`, or from the data
    at the first call of `fit`.
    """

    batch_size = 32  # for `predict` and `evaluate`: the one of the latest `fit`
    stop_training = False  # set by a callback to end training after this epoch

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
        for layer in self.layers:
            if layer.reads_targets and not self.loss.integer_targets:
                raise ValueError(
                    f"layer {layer.name!r} reads class numbers, so that the loss must be "
                    f"'sparse_categorical_crossentropy', got {type(self.loss).__name__}"
                )
        outputs = (len(X), *self.output_shape(X.shape[1:]))
        y = self.loss.check(y, outputs)
        mask = self.mask_of(X) if self.loss.reads_mask else None
        if mask is not None:
            self.loss.check_steps(y, mask.sum(axis=1))
        return X, y, sample_weights(self.loss.values_shape(outputs), sample_weight)

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
        class_weight=None,
        sample_weight=None,
    ):
        """Train; returns a `training.History`.

        `validation_split` sets the last part of the data aside before shuffling;
        `validation_data` is (X, y), or (X, y, sample_weight). Both add figures whose names start
        with ``val_``.

        `sample_weight` has a number for every sample, or for every time step of a model that
        returns sequences, (samples, time); `class_weight` maps classes to numbers by which the
        weights of their targets are multiplied, in training alone. A training step descends, as in
        Keras, the sum of weighted losses over the number of samples, or of time steps that are not
        masked. What is reported differs from Keras on purpose: loss and metrics are all weighted
        means over the whole epoch, sums over the sum of the weights, so that they do not depend
        on the batch size and keep the scale of a single loss.

        Raises ValueError for data that do not fit the model, before anything is compiled,
        and `training.NonFiniteLossError` when the loss becomes NaN or infinite.
        """
        self.require_loss("fit")
        batch_size = positive_int("batch_size", batch_size)
        epochs = positive_int("epochs", epochs)
        data, validation = self.check_data(x, y, sample_weight), None
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
                raise ValueError(
                    "validation_data must be (x, y) or (x, y, sample_weight), got "
                    f"{type(validation_data).__name__} of {np.shape(validation_data)[:1]}"
                )
            validation = self.check_data(*validation_data)
        elif validation_split:
            data, validation = split_off(data, validation_split)
        if class_weight is not None:
            X, y, weights = data
            outputs = (len(X), *self.output_shape(X.shape[1:]))
            data = X, y, weights * class_weights(self.loss, y, outputs, class_weight)
        self.batch_size = min(batch_size, len(data[0]))
        for part in filter(None, (validation, data)):
            self.prepare_states(len(part[0]), self.batch_size)
        if not self.trainable_weights:
            raise ValueError("there is nothing to train: every layer has trainable=False")
        return Training(self, callbacks, verbose).run(data, validation, epochs, shuffle)

    def test(self, data, batch_size):
        """Loss and metrics on checked data, as a dict."""
        n = len(data[0])
        self.prepare_states(n, batch_size)
        run = self.test_function(data[0].shape[1:], batch_size)
        batches = weighted_batches(data, batch_size, np.arange(n))
        with np.errstate(all="ignore"):  # what overflows shows in the figures
            return mean_figures(self.figure_names, [run(*batch) for batch in batches])

    def evaluate(self, x, y, batch_size=None, verbose=0, sample_weight=None):
        """The loss on (X, y); with metrics a list of loss and metrics, as in Keras.

        All are weighted means over all samples, or time steps that are not masked, whatever the
        batch size; `sample_weight` is as in `fit`, and what differs from Keras is, too.
        """
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
        batches = padded_batches(np.arange(len(X)), batch_size)
        return np.concatenate([run(X[indices]) for indices, _ in batches])[: len(X)]

    def save(self, path):
        """Write architecture, weights, loss, and optimizer to `path` (numpy's .npz).

        Of the optimizer there are the settings, the learning rate as it is now, and what it keeps
        between steps: after `load_model`, `fit` with ``shuffle=False`` goes on bit for bit as it
        would have here.

        As in Keras, states that stateful layers carry from batch to batch are not kept: they
        start at zero. Nor is the place in the random numbers of shuffling, dropout and zoneout:
        a loaded model draws new ones from the course-wide seed, so that training on is
        repeatable after `set_random_seed` before `load_model`, but not what it would have been.
        Callbacks, and the best weights of an EarlyStopping, belong to one call of `fit`.

        Atomic: an interrupted save leaves an older file as it was. Raises ValueError if the
        model has no weights yet, or functions of your own in it.
        """
        self.require_built("save")
        saving.write(path, self, self.get_weights(), self.optimizer_state())


def split_off(data, share):
    """`data` without its last part, and that part, a `share` of the samples; else ValueError."""
    n = len(data[0])
    cut = int(n * (1 - number_in("validation_split", share, 0, 1)))
    if cut == 0 or cut == n:
        raise ValueError(
            f"validation_split={share} of {n} samples leaves nothing to train on or nothing to "
            "validate on"
        )
    first, last = [a[:cut] for a in data], [a[cut:] for a in data]
    if not first[2].any() or not last[2].any():
        raise ValueError(
            f"with validation_split={share} one part has no sample with a sample_weight above 0"
        )
    return first, last


def load_model(path):
    """The model that `Sequential.save` wrote to `path`, ready to be trained on. Nothing in the
    file is executed.

    Files of version 0.1.0 have no optimizer state: `fit` then starts it at zero.

    Raises ValueError if the file is no model, is damaged, or is of a newer version.
    """
    return saving.read(path, Sequential())
