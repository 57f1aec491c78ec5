"""`Sequential`: a stack of layers that can be trained, asked, saved and loaded."""

import json
import os
import zipfile
from pathlib import Path

import numpy as np

from course_lib import layers as layer_classes
from course_lib import losses, metrics, optimizers
from course_lib.backend import (
    T,
    floatX,
    function,
    new_rng,
    paused_garbage_collection,
    theano,
)
from course_lib.checks import as_float, finite_array, number_in, positive_int
from course_lib.layers import Layer
from course_lib.training import batches_of, padded, train

FORMAT = 1  # of saved files


class Sequential:
    """Layers one after the other, with Keras's methods.

    The sizes of the inputs are taken from the first layer's `input_shape`, or from the data
    at the first call of `fit`.
    """

    def __init__(self, layers=()):
        self.layers = []
        self.loss = None
        self.functions = {}
        self.batch_size = 32
        for layer in layers:
            self.add(layer)

    def add(self, layer):
        """Append a layer; raises ValueError if it cannot follow the ones before."""
        if not isinstance(layer, Layer):
            raise ValueError(f"add takes a layer such as GRU(32), got {layer!r}")
        if any(layer is other for other in self.layers):
            raise ValueError(f"layer {layer.name!r} is in this model already")
        if getattr(layer, "return_state", False):
            raise ValueError(
                "Sequential hands one array from layer to layer: use return_state "
                "when calling a layer yourself"
            )
        names = {other.name for other in self.layers}
        base, count = layer.name, 1
        while layer.name in names:
            layer.name, count = f"{base}_{count}", count + 1
        self.layers.append(layer)
        self.functions = {}
        # A layer from another model brings its input shape, and its weights, with it.
        shape = layer.input_shape or layer.requested_input_shape
        first = self.layers[0]
        try:
            if len(self.layers) > 1 and first.built:
                self.build(first.input_shape)
            elif len(self.layers) == 1 and shape is not None:
                self.build(shape)
        except ValueError:
            self.layers.pop()
            raise

    @property
    def built(self):
        return bool(self.layers) and all(layer.built for layer in self.layers)

    def build(self, input_shape):
        """Create the weights for inputs of `input_shape` (without the batch axis).

        Layers that have weights keep them. Raises ValueError and builds none if they do not fit.
        """
        if not self.layers:
            raise ValueError("this model has no layers: add one first")
        new = [layer for layer in self.layers if not layer.built]
        try:
            for layer in self.layers:
                if layer in new:
                    layer.build(input_shape)
                elif tuple(input_shape)[-1:] != layer.input_shape[-1:] or len(input_shape) != len(
                    layer.input_shape
                ):
                    raise ValueError(
                        f"layer {layer.name!r} has weights for inputs of shape "
                        f"{layer.input_shape}, got {tuple(input_shape)}"
                    )
                input_shape = layer.output_shape(layer.input_shape)
        except ValueError:
            for layer in new:
                layer.input_shape = None
            raise

    def require_built(self, what):
        if not self.built:
            raise ValueError(
                f"{what} needs weights, and this model has none yet: give the first "
                "layer an input_shape, or call fit"
            )

    # --- weights ----------------------------------------------------------------------

    @property
    def weights(self):
        """All shared variables, layer by layer."""
        return [w for layer in self.layers for w in (layer.weights if layer.built else [])]

    @property
    def variables(self):
        """Weights and what the optimizer keeps: all that a training step changes."""
        return self.weights + self.optimizer.variables

    def count_params(self):
        """Number of trainable numbers."""
        self.require_built("count_params")
        return sum(layer.count_params() for layer in self.layers)

    def get_weights(self):
        """Copies of all weights, layer by layer, in Keras's order."""
        self.require_built("get_weights")
        return [w.get_value() for w in self.weights]

    def set_weights(self, weights):
        """Replace all weights; raises ValueError and changes nothing if any does not fit."""
        self.require_built("set_weights")
        if len(weights) != len(self.weights):
            raise ValueError(
                f"this model has {len(self.weights)} weight arrays, got {len(weights)}"
            )
        parts, start = [], 0
        for layer in self.layers:
            parts.append(weights[start : start + len(layer.weights)])
            layer.check_weights(parts[-1])
            start += len(layer.weights)
        for layer, part in zip(self.layers, parts):
            layer.set_weights(part)

    def reset_weights(self):
        """Draw new initial weights, as if the model were new, and forget the optimizer's past.

        Compiled functions are kept, so that training from several seeds compiles once.
        """
        self.require_built("reset_weights")
        twin = Sequential([_layer(**_plan(layer)) for layer in self.layers])
        twin.build(self.layers[0].input_shape)
        self.set_weights(twin.get_weights())
        self.reset_states()
        for layer in self.layers:
            if isinstance(layer, layer_classes.Dropout):
                layer.reset_stream()
        if self.loss is not None:
            self.optimizer.reset()

    def summary(self):
        """Print a table of layers, output shapes and numbers of parameters."""
        self.require_built("summary")
        print(f"{'layer':<28}{'output shape':<24}{'parameters':>10}")
        for layer in self.layers:
            shape = (None, *layer.output_shape(layer.input_shape))
            title = f"{layer.name} ({type(layer).__name__})"
            print(f"{title:<28}{str(shape):<24}{layer.count_params():>10,}")
        print(f"{'total':<52}{self.count_params():>10,}")

    # --- symbolic graph and compiled functions ----------------------------------------

    def compile(self, optimizer="rmsprop", loss=None, metrics=None):
        """Choose how to train: names or objects from `optimizers`, `losses` and `metrics`.

        Theano's compilation happens at the first call of `fit`. Raises ValueError with the
        choices for an unknown name.
        """
        if loss is None:
            raise ValueError(f"compile needs a loss: one of {', '.join(sorted(losses.LOSSES))}")
        chosen_loss = losses.get(loss)
        names = [metrics] if isinstance(metrics, str) else list(metrics or [])
        chosen_metrics = {name: _metric(name, chosen_loss) for name in names}
        self.optimizer = optimizers.get(optimizer)
        self.loss, self.metrics = chosen_loss, chosen_metrics
        self.functions = {}

    @property
    def figure_names(self):
        return ["loss", *self.metrics]

    def forward(self, x, training=False):
        """Symbolic output for a symbolic input, and its mask (None if every step counts)."""
        mask = None
        for layer in self.layers:
            next_mask = layer.compute_mask(x, mask)
            x, mask = layer(x, mask=mask, training=training), next_mask
        return x, mask

    def cached(self, kind, shape, batch_size, make):
        """A compiled function for inputs of (batch_size, *shape), made at the first request.

        Known sizes let Theano fold away most of its arithmetic on shapes, which makes the
        compilation shorter and the function faster.
        """
        key = (kind, tuple(shape), batch_size, theano.config.floatX)
        if key not in self.functions:
            dtype = self.layers[0].dtype or theano.config.floatX
            x = T.TensorType(dtype, [False] * (len(shape) + 1))("x")
            with paused_garbage_collection():
                self.functions[key] = make(x, T.specify_shape(x, (batch_size, *shape)))
            self.functions[key].dtype = theano.config.floatX
        return self.functions[key]

    def figures(self, y, output, mask, weights):
        """Weighted means of the loss and every metric, as one symbolic list."""
        values = [self.loss(y, output)]
        values += [metric(y, output, self.loss) for metric in self.metrics.values()]
        # One weight per sample, spread over time steps and set to 0 where they are masked.
        weights = weights.dimshuffle(0, *["x"] * (values[0].ndim - 1)) * T.ones_like(values[0])
        if mask is not None and values[0].ndim == 2:
            weights = weights * mask
        return [(v * weights).sum() / T.maximum(weights.sum(), floatX(1e-30)) for v in values]

    def target(self):
        rank = len(self.layers[-1].output_shape(self.layers[-1].input_shape)) + 1
        if self.loss.integer_targets:
            return T.TensorType("int32", [False] * (rank - 1))("y")
        return T.TensorType(theano.config.floatX, [False] * rank)("y")

    def state_updates(self):
        return [pair for layer in self.layers if layer.stateful for pair in layer.updates]

    def train_function(self, shape, batch_size):
        """(X, y, weights) to loss and metrics, changing the weights by one step."""

        def make(x, x_sized):
            y, w = self.target(), T.vector("w")
            output, mask = self.forward(x_sized, training=True)
            figures = self.figures(y, output, mask, w)
            gradients = theano.grad(figures[0], self.weights)
            updates = self.optimizer.updates(self.weights, gradients) + self.state_updates()
            return function([x, y, w], figures, updates=updates)

        return self.cached("train", shape, batch_size, make)

    def test_function(self, shape, batch_size):
        """(X, y, weights) to loss and metrics."""

        def make(x, x_sized):
            y, w = self.target(), T.vector("w")
            output, mask = self.forward(x_sized)
            figures = self.figures(y, output, mask, w)
            return function([x, y, w], figures, updates=self.state_updates())

        return self.cached("test", shape, batch_size, make)

    def predict_function(self, shape, batch_size):
        """X to outputs."""

        def make(x, x_sized):
            return function([x], self.forward(x_sized)[0], updates=self.state_updates())

        return self.cached("predict", shape, batch_size, make)

    # --- data ---------------------------------------------------------------------------

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
        if (np.floor(X) != X).any() or X.min() < 0 or X.max() >= first.input_dim:
            raise ValueError(
                f"X must hold symbol numbers from 0 to {first.input_dim - 1}, got "
                f"values from {X.min():g} to {X.max():g}"
            )
        return X.astype(first.dtype)

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
        shape = X.shape[1:]
        for layer in self.layers:
            shape = layer.output_shape(shape)
        y = self.loss.check(y, (len(X), *shape))
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

    def reset_states(self):
        """Set the states that stateful layers keep between batches to zero."""
        for layer in self.layers:
            if layer.stateful:
                layer.reset_states()

    # --- what a learner calls -------------------------------------------------------------

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
        self.batch_size = min(batch_size, len(data[0]))
        if validation is not None:
            self.check_batches(len(validation[0]), self.batch_size)
        self.prepare_states(len(data[0]), self.batch_size)
        if self.optimizer.parameters != self.weights:  # new, or used by another model since
            self.optimizer.build(self.weights)
            kept = {key: run for key, run in self.functions.items() if key[0] != "train"}
            self.functions = kept
        return train(
            self, data, epochs, self.batch_size, shuffle, new_rng(), validation, callbacks, verbose
        )

    def test(self, data, batch_size):
        """Loss and metrics on checked data, as a dict."""
        X, y, sample_weight = data
        self.prepare_states(len(X), batch_size)
        run = self.test_function(X.shape[1:], batch_size)
        totals, weight = 0.0, 0.0
        for indices in batches_of(len(X), batch_size, np.arange(len(X))):
            indices, weights = padded(indices, batch_size)
            weights = weights * sample_weight[indices]
            with np.errstate(all="ignore"):
                figures = np.array(run(X[indices], y[indices], weights.astype(run.dtype)))
            totals, weight = totals + figures * weights.sum(), weight + weights.sum()
        return dict(zip(self.figure_names, (totals / weight).tolist()))

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

    # --- files ----------------------------------------------------------------------------

    def save(self, path):
        """Write architecture, weights, loss and optimizer settings to `path` (numpy's .npz).

        Atomic: an interrupted save leaves an older file as it was.
        """
        self.require_built("save")
        plan = {
            "format": FORMAT,
            "input_shape": self.layers[0].input_shape,
            "layers": [_plan(layer) for layer in self.layers],
            "compile": None,
        }
        if self.loss is not None:
            plan["compile"] = {
                "optimizer": [type(self.optimizer).__name__, self.optimizer.config()],
                "loss": [type(self.loss).__name__, self.loss.config()],
                "metrics": list(self.metrics),
            }
        try:
            text = json.dumps(plan)
        except TypeError as error:
            raise ValueError(
                f"a model with functions of your own in it cannot be saved, only "
                f"named ones ({error}); keep get_weights() instead"
            ) from None
        arrays = {f"weight_{i}": w for i, w in enumerate(self.get_weights())}
        path = Path(path)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with open(part, "wb") as file:
                np.savez(file, plan=np.array(text), **arrays)
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _metric(name, loss):
    # `compile` has an argument of the module's name.
    return metrics.get(name, loss)


def load_model(path):
    """The model that `Sequential.save` wrote to `path`. Nothing in the file is executed.

    Raises ValueError if the file is no model, is damaged, or is of a newer version.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            plan = json.loads(str(arrays["plan"]))
            weights = [arrays[f"weight_{i}"] for i in range(len(arrays.files) - 1)]
        version = plan["format"]
        if version == FORMAT:
            return _model(plan, weights)
    except FileNotFoundError:
        raise
    except (
        OSError,
        EOFError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        zipfile.BadZipFile,
    ) as error:
        raise ValueError(
            f"{path} is not a model saved by Sequential.save, or it is damaged ({error})"
        ) from None
    raise ValueError(
        f"{path} has format {version}; this course_lib reads format {FORMAT}: "
        "update the course, or save the model again"
    )


def _model(plan, weights):
    model = Sequential([_layer(**entry) for entry in plan["layers"]])
    model.build(plan["input_shape"])
    model.set_weights(weights)
    if plan["compile"] is not None:
        (optimizer, options), (loss, loss_options) = (
            plan["compile"]["optimizer"],
            plan["compile"]["loss"],
        )
        model.compile(
            optimizer=_class(optimizers, optimizer, optimizers.Optimizer)(**options),
            loss=_class(losses, loss, losses.Loss)(**loss_options),
            metrics=plan["compile"]["metrics"],
        )
    return model


def _class(module, name, base):
    """The subclass of `base` in `module` called `name`; ValueError for anything else."""
    found = getattr(module, name, None)
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ValueError(f"there is no {base.__name__.lower()} {name!r}")
    return found


def _plan(layer):
    """What `_layer` needs to make an equal layer."""
    return {"class": type(layer).__name__, "config": layer.config()}


def _layer(**entry):
    config = dict(entry["config"])
    if "layer" in config:
        config["layer"] = _layer(**config["layer"])
    return _class(layer_classes, entry["class"], Layer)(**config)
