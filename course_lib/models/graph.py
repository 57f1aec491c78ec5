"""From layers to compiled functions: one that trains, one that tests, one that predicts."""

from course_lib import losses, optimizers
from course_lib.backend import T, function, paused_garbage_collection, theano
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
        self.require_built("reset_weights")
        twin = type(self)([layer.fresh() for layer in self.layers])
        twin.build(self.layers[0].input_shape)
        self.set_weights(twin.get_weights())
        self.reset_states()
        for layer in self.layers:
            layer.reset_random_numbers()
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
        self.figure_names = ["loss", *chosen_metrics]
        self.functions = {}

    def optimizer_state(self):
        """Copies of what the optimizer keeps for these weights; none before the first step."""
        return [] if self.loss is None else self.optimizer.state_for(self.trainable_weights)

    def require_loss(self, what):
        if self.loss is None:
            raise ValueError(f"{what} needs a loss: call compile(optimizer=..., loss=...) first")

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

    def symbolic_input(self, rank):
        """A symbol for inputs with `rank` axes, of the type that the first layer reads."""
        dtype = self.layers[0].dtype or theano.config.floatX
        return T.TensorType(dtype, [False] * rank)("x")

    def target(self):
        """A symbol for targets, of the type that the loss reads."""
        rank = len(self.output_shape(self.layers[0].input_shape)) + 1
        if self.loss.integer_targets:
            return T.TensorType("int32", [False] * (rank - 1))("y")
        return T.TensorType(theano.config.floatX, [False] * rank)("y")

    def measured(self, x, training=False):
        """What a batch of symbolic inputs `x` gives: symbols for what is read besides, `objective`
        and `sums`.

        Read besides are the targets, the weights (one per number that the loss gives), and
        `present` (batch,): 1 for a sample, 0 for one that only fills up the batch. The objective
        is the sum of weighted losses over the number of samples, or time steps that are not masked;
        `sums` has the weighted sums of the loss and every metric, and the sum of the weights, from
        which means over many batches are made.
        """
        y, present = self.target(), T.vector("present")
        output, mask = self.forward(x, training=training, targets=y)
        values = [self.loss(y, output, mask) if self.loss.reads_mask else self.loss(y, output)]
        values += [metric(y, output, self.loss) for metric in self.metrics.values()]
        weights = T.TensorType(theano.config.floatX, [False] * values[0].ndim)("weights")
        counts = present.dimshuffle(0, *["x"] * (values[0].ndim - 1)) * T.ones_like(values[0])
        if mask is not None and values[0].ndim == 2:
            counts = counts * mask
        weighted = weights * counts
        sums = [(value * weighted).sum() for value in values]
        objective = sums[0] / T.maximum(counts.sum(), 1)
        return [y, weights, present], objective, [*sums, weighted.sum()]

    def state_updates(self):
        """Pairs (state, new state) of stateful layers after the latest call of `forward`."""
        return [pair for layer in self.layers if layer.stateful for pair in layer.updates]

    def cached(self, key, make):
        """The compiled function `make()`, made at the first request under `key`, a tuple."""
        key = (*key, theano.config.floatX)
        if key not in self.functions:
            self.functions[key] = make()
        return self.functions[key]

    def function_for(self, kind, shape, batch_size, make):
        """A compiled function of inputs (batch_size, *shape), made at the first request.

        ``make(x)`` gives, for symbolic inputs, a list of the symbols that are read besides, the
        outputs, and the updates. Known sizes let Theano fold away most of its arithmetic on
        shapes, which makes the compilation shorter and the function faster.
        """

        def compiled():
            x = self.symbolic_input(len(shape) + 1)
            with paused_garbage_collection():
                others, outputs, updates = make(T.specify_shape(x, (batch_size, *shape)))
                return function([x, *others], outputs, updates=updates)

        return self.cached((kind, tuple(shape), batch_size), compiled)

    def train_function(self, shape, batch_size):
        """(X, y, weights, present) to the sums of `measured` and the norm of the gradient (of all
        weights together, before clipping), changing the model's weights by one step."""
        if self.optimizer.parameters != self.trainable_weights:  # new, or another model's since
            self.optimizer.build(self.trainable_weights)
            self.functions = {k: f for k, f in self.functions.items() if k[0] != "train"}

        def make(x):
            data, objective, sums = self.measured(x, training=True)
            gradients = theano.grad(objective, self.trainable_weights)
            norm = T.sqrt(sum(T.dot(g.flatten(), g.flatten()) for g in gradients))
            updates = self.optimizer.updates(self.trainable_weights, gradients)
            return data, [*sums, norm], updates + self.state_updates()

        return self.function_for("train", shape, batch_size, make)

    def test_function(self, shape, batch_size):
        """(X, y, weights, present) to the sums of `measured`."""

        def make(x):
            data, _, sums = self.measured(x)
            return data, sums, self.state_updates()

        return self.function_for("test", shape, batch_size, make)

    def predict_function(self, shape, batch_size):
        """X to outputs."""

        def make(x):
            return [], self.forward(x)[0], self.state_updates()

        return self.function_for("predict", shape, batch_size, make)

    def mask_of(self, X):
        """The mask of the outputs for X, an array (samples, time); None if every step counts."""

        def make():
            x = self.symbolic_input(X.ndim)
            mask = self.forward(x)[1]
            return None if mask is None else function([x], mask)

        run = self.cached(("mask", X.ndim), make)
        return None if run is None else run(X)
