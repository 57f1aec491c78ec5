"""From layers to compiled functions: one that trains, one that tests, one that predicts."""

from course_lib import losses, optimizers
from course_lib.backend import (
    T,
    floatX,
    function,
    paused_garbage_collection,
    theano,
)
from course_lib.metrics import get as get_metric
from course_lib.models.stack import Stack


class Graph(Stack):
    """A stack of layers with a loss, an optimizer, and Theano functions made on demand."""

    def __init__(self, layers=()):
        self.loss = None
        self.functions = {}
        super().__init__(layers)

    def add(self, layer):
        """Append a layer; raises ValueError if it cannot follow the ones before."""
        super().add(layer)
        self.functions = {}

    @property
    def variables(self):
        """Weights and what the optimizer keeps: all that a training step changes."""
        return self.trainable_weights + self.optimizer.variables

    def reset_weights(self):
        """Draw new initial weights, as if the model were new, and forget the optimizer's past.

        Compiled functions are kept, so that training from several seeds compiles once.
        """
        super().reset_weights()
        if self.loss is not None:
            self.optimizer.reset()

    def compile(self, optimizer="rmsprop", loss=None, metrics=None):
        """Choose how to train: names or objects from `optimizers`, `losses` and `metrics`.

        Theano's compilation happens at the first call of `fit`. Raises ValueError with the
        choices for an unknown name.
        """
        if loss is None:
            raise ValueError(f"compile needs a loss: one of {', '.join(sorted(losses.LOSSES))}")
        chosen_loss = losses.get(loss)
        names = [metrics] if isinstance(metrics, str) else list(metrics or [])
        chosen_metrics = {name: get_metric(name, chosen_loss) for name in names}
        self.optimizer = optimizers.get(optimizer)
        self.loss, self.metrics = chosen_loss, chosen_metrics
        self.functions = {}

    @property
    def figure_names(self):
        return ["loss", *self.metrics]

    def forward(self, x, training=False, targets=None, layers=None):
        """Symbolic output for a symbolic input, and its mask (None if every step counts).

        `layers` is the part of the stack to go through, all of it by default. A layer that reads
        targets gets them, and decides which of them count.
        """
        mask = None
        for layer in self.layers if layers is None else layers:
            options, next_mask = {}, layer.compute_mask(x, mask)
            if layer.reads_targets and targets is not None:
                options, next_mask = {"targets": targets}, layer.target_mask(targets)
            x, mask = layer(x, mask=mask, training=training, **options), next_mask
        return x, mask

    def kept(self, key, make):
        """The compiled function `make()`, made at the first request under `key`, a tuple."""
        key = (*key, theano.config.floatX)
        if key not in self.functions:
            self.functions[key] = make()
        return self.functions[key]

    def cached(self, kind, shape, batch_size, make):
        """A compiled function for inputs of (batch_size, *shape), made at the first request.

        Known sizes let Theano fold away most of its arithmetic on shapes, which makes the
        compilation shorter and the function faster.
        """

        def make_sized():
            x = self.symbolic_input(len(shape) + 1)
            with paused_garbage_collection():
                return make(x, T.specify_shape(x, (batch_size, *shape)))

        return self.kept((kind, tuple(shape), batch_size), make_sized)

    def symbolic_input(self, rank):
        """A symbol for inputs with `rank` axes, of the type that the first layer reads."""
        dtype = self.layers[0].dtype or theano.config.floatX
        return T.TensorType(dtype, [False] * rank)("x")

    def figures(self, y, output, mask, weights):
        """Weighted means of the loss and every metric, as one symbolic list."""
        values = [self.loss(y, output, mask) if self.loss.reads_mask else self.loss(y, output)]
        values += [metric(y, output, self.loss) for metric in self.metrics.values()]
        # One weight per sample, spread over time steps and set to 0 where they are masked.
        weights = weights.dimshuffle(0, *["x"] * (values[0].ndim - 1)) * T.ones_like(values[0])
        if mask is not None and values[0].ndim == 2:
            weights = weights * mask
        return [(v * weights).sum() / T.maximum(weights.sum(), floatX(1e-30)) for v in values]

    def target(self):
        rank = len(self.output_shape(self.layers[0].input_shape)) + 1
        if self.loss.integer_targets:
            return T.TensorType("int32", [False] * (rank - 1))("y")
        return T.TensorType(theano.config.floatX, [False] * rank)("y")

    def mask_of(self, X):
        """The mask of the outputs for X, an array (samples, time); None if every step counts."""

        def make():
            x = self.symbolic_input(X.ndim)
            mask = self.forward(x)[1]
            return None if mask is None else function([x], mask)

        run = self.kept(("mask", X.ndim), make)
        return None if run is None else run(X)

    def state_updates(self):
        return [pair for layer in self.layers if layer.stateful for pair in layer.updates]

    def train_function(self, shape, batch_size):
        """(X, y, weights) to loss, metrics and the norm of the gradient (of all weights together,
        before clipping), changing the weights by one step."""

        def make(x, x_sized):
            y, w = self.target(), T.vector("w")
            output, mask = self.forward(x_sized, training=True, targets=y)
            figures = self.figures(y, output, mask, w)
            gradients = theano.grad(figures[0], self.trainable_weights)
            norm = T.sqrt(sum(T.dot(g.flatten(), g.flatten()) for g in gradients))
            updates = self.optimizer.updates(self.trainable_weights, gradients)
            updates += self.state_updates()
            return function([x, y, w], [*figures, norm], updates=updates)

        return self.cached("train", shape, batch_size, make)

    def test_function(self, shape, batch_size):
        """(X, y, weights) to loss and metrics."""

        def make(x, x_sized):
            y, w = self.target(), T.vector("w")
            output, mask = self.forward(x_sized, targets=y)
            figures = self.figures(y, output, mask, w)
            return function([x, y, w], figures, updates=self.state_updates())

        return self.cached("test", shape, batch_size, make)

    def predict_function(self, shape, batch_size):
        """X to outputs."""

        def make(x, x_sized):
            return function([x], self.forward(x_sized)[0], updates=self.state_updates())

        return self.cached("predict", shape, batch_size, make)
