"""Layers without a loop: Dense, Embedding, Dropout, Masking."""

from course_lib import activations, initializers
from course_lib.arguments import number_in, positive_int
from course_lib.backend import RandomStream, T, affine, floatX, new_rng
from course_lib.layers.base import Layer


class Dense(Layer):
    """activation(x W + b) on the last axis: (batch, ..., features) to (batch, ..., units).

    With `use_bias=False` there is no b.
    """

    def __init__(
        self,
        units,
        activation=None,
        use_bias=True,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        **options,
    ):
        super().__init__(**options)
        self.units = positive_int("units", units)
        self.options = {
            "activation": activation,
            "use_bias": bool(use_bias),
            "kernel_initializer": kernel_initializer,
            "bias_initializer": bias_initializer,
        }
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def config(self):
        return {"units": self.units, **self.options, **super().config()}

    def build(self, input_shape):
        self.require_features(input_shape)
        super().build(input_shape)
        rng = new_rng()
        shape = (input_shape[-1], self.units)
        self.W = initializers.weight("W", shape, self.kernel_initializer, rng)
        if self.options["use_bias"]:
            self.b = initializers.weight("b", shape[1:], self.bias_initializer, rng)
        else:
            self.b = T.zeros((self.units,))

    @property
    def weights(self):
        return [self.W, self.b] if self.options["use_bias"] else [self.W]

    def output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def call(self, x, mask=None, training=False):
        return self.activation(affine(x, self.W, self.b))


class Embedding(Layer):
    """A learned vector for each of `input_dim` symbols: (batch, time) integers to
    (batch, time, output_dim). `mask_zero=True` marks symbol 0 as padding.
    """

    dtype = "int32"

    def __init__(
        self,
        input_dim,
        output_dim,
        embeddings_initializer="random_uniform",
        mask_zero=False,
        input_shape=(None,),
        **options,
    ):
        super().__init__(input_shape=input_shape, **options)
        self.input_dim = positive_int("input_dim", input_dim)
        self.output_dim = positive_int("output_dim", output_dim)
        self.embeddings_initializer = embeddings_initializer
        self.mask_zero = bool(mask_zero)
        initializers.get(embeddings_initializer)

    def config(self):
        return {
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": self.embeddings_initializer,
            "mask_zero": self.mask_zero,
            "input_shape": self.requested_input_shape,
            **super().config(),
        }

    def build(self, input_shape):
        self.require_rank(input_shape, 2, "(batch, time) of symbol numbers")
        super().build(input_shape)
        start = initializers.get(self.embeddings_initializer)
        shape = (self.input_dim, self.output_dim)
        self.E = initializers.weight("E", shape, start, new_rng())

    @property
    def weights(self):
        return [self.E]

    def output_shape(self, input_shape):
        return (*input_shape, self.output_dim)

    def compute_mask(self, x, mask):
        return T.neq(x, 0) if self.mask_zero else mask

    def call(self, x, mask=None, training=False):
        vectors = self.E[x.flatten()]
        return vectors.reshape((x.shape[0], x.shape[1], self.output_dim))


class Dropout(Layer):
    """While training, sets each number to 0 with probability `rate` and divides the others
    by 1 - rate (Srivastava et al., 2014); passes everything through otherwise."""

    def __init__(self, rate, **options):
        super().__init__(**options)
        self.rate = number_in("rate", rate, 0, 1)

    def config(self):
        return {"rate": self.rate, **super().config()}

    def build(self, input_shape):
        super().build(input_shape)
        self.stream = RandomStream()
        self.reset_random_numbers()

    def reset_random_numbers(self):
        self.stream.seed(int(new_rng().integers(2**31)))

    def call(self, x, mask=None, training=False):
        if not training or self.rate == 0:
            return x
        keep = self.stream.uniform(0, 1, size=x.shape) >= self.rate
        return T.switch(keep, x / floatX(1 - self.rate), floatX(0))


class Masking(Layer):
    """Skips every time step at which all features equal `mask_value`, besides those that are
    masked already."""

    def __init__(self, mask_value=0.0, **options):
        super().__init__(**options)
        self.mask_value = float(mask_value)

    def config(self):
        return {"mask_value": self.mask_value, **super().config()}

    def build(self, input_shape):
        self.require_rank(input_shape, 3, "(batch, time, features)")
        super().build(input_shape)

    def compute_mask(self, x, mask):
        counts = T.neq(x, floatX(self.mask_value)).any(axis=-1)
        return counts if mask is None else counts & T.neq(mask, 0)

    def call(self, x, mask=None, training=False):
        return T.switch(self.compute_mask(x, mask).dimshuffle(0, 1, "x"), x, floatX(0))
