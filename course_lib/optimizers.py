"""How parameters follow their gradients. Names, defaults and formulas are Keras's.

All three work on flattened parameters: one compiled module per formula then serves
matrices and vectors alike.
"""

import numpy as np

from course_lib.arguments import Configurable, check_arrays, number_in, one_of
from course_lib.backend import T, floatX, shared


class Optimizer(Configurable):
    """Clipping and bookkeeping; subclasses define `slots` and `step`.

    `clipvalue` limits each number of each gradient to [-clipvalue, clipvalue]; `clipnorm`
    the Euclidean norm of each parameter's gradient; `global_clipnorm` the norm of all
    gradients together, which keeps their direction (Pascanu, Mikolov & Bengio, 2013).
    """

    slots = 0  # vectors kept per parameter

    def __init__(self, learning_rate, clipnorm=None, clipvalue=None, global_clipnorm=None):
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        self.clips = {name: c for name, c in clips.items() if c is not None}
        number_in("learning_rate", learning_rate, np.nextafter(0, 1), np.inf)
        for name, value in self.clips.items():
            self.clips[name] = number_in(name, value, np.nextafter(0, 1), np.inf)
        if len(self.clips) > 1:
            raise ValueError(f"choose one way of clipping, got {' and '.join(self.clips)}")
        self.rate = shared(floatX(learning_rate), "learning_rate")
        self.parameters, self.variables = [], []

    @property
    def learning_rate(self):
        return float(self.rate.get_value())

    @learning_rate.setter
    def learning_rate(self, value):
        self.rate.set_value(floatX(number_in("learning_rate", value, 0, np.inf)))

    def config(self):
        """Arguments that make an equal optimizer again."""
        return {"learning_rate": self.learning_rate, **self.clips}

    def build(self, parameters):
        """Create the slots, all zero, and forget earlier ones."""
        self.parameters = list(parameters)
        self.steps = shared(floatX(0), "steps")
        self.parameter_slots = [
            [shared(floatX(np.zeros(p.get_value(borrow=True).size))) for _ in range(self.slots)]
            for p in parameters
        ]
        self.variables = [self.steps, *(s for slots in self.parameter_slots for s in slots)]

    def state_for(self, parameters):
        """Copies of what is kept between steps of `parameters`, the step counter first.

        Nothing, an empty list, for parameters that this optimizer has not trained.
        """
        if self.parameters != parameters:
            return []
        return [variable.get_value() for variable in self.variables]

    def state_shapes(self, parameters):
        """The shapes of the arrays of `state_for`, for parameters that have been trained."""
        sizes = [p.get_value(borrow=True).size for p in parameters]
        return [(), *((size,) for size in sizes for _ in range(self.slots))]

    def set_state(self, parameters, state):
        """Go on with `parameters` where `state_for` was asked.

        Raises ValueError if the state is none of these parameters and this optimizer.
        """
        check_arrays("the optimizer", "array", state, self.state_shapes(parameters))
        self.build(parameters)
        for variable, value in zip(self.variables, state):
            variable.set_value(floatX(value))

    def reset(self):
        """Set all slots and the step counter to zero."""
        for variable in self.variables:
            variable.set_value(np.zeros_like(variable.get_value(borrow=True)))

    def updates(self, parameters, gradients):
        """Pairs (shared variable, new value) for one step."""
        t = self.steps + 1
        pairs = [(self.steps, t)]
        flat_gradients = self.clip([g.flatten() for g in gradients])
        for p, g, slots in zip(parameters, flat_gradients, self.parameter_slots):
            change, new_slots = self.step(g, slots, t)
            pairs.append((p, (p.flatten() + change).reshape(p.shape, ndim=p.ndim)))
            pairs += zip(slots, new_slots)
        return pairs

    def clip(self, gradients):
        if "clipvalue" in self.clips:
            c = floatX(self.clips["clipvalue"])
            return [T.clip(g, -c, c) for g in gradients]
        if "clipnorm" in self.clips:
            return [g * self.shrink(T.dot(g, g), self.clips["clipnorm"]) for g in gradients]
        if "global_clipnorm" in self.clips:
            total = sum(T.dot(g, g) for g in gradients)
            factor = self.shrink(total, self.clips["global_clipnorm"])
            return [g * factor for g in gradients]
        return gradients

    def shrink(self, squared_norm, limit):
        """The factor that brings a gradient of this norm down to `limit`, 1 if it is below."""
        limit = floatX(limit)
        return limit / T.maximum(T.sqrt(squared_norm), limit)

    def step(self, g, slots, t):
        """Change of a parameter with gradient `g` at step number `t`, and its new slots."""
        raise NotImplementedError


class SGD(Optimizer):
    """velocity = momentum * velocity - rate * g; the parameter moves by velocity."""

    def __init__(self, learning_rate=0.01, momentum=0.0, **clipping):
        super().__init__(learning_rate, **clipping)
        self.momentum = number_in("momentum", momentum, 0, 1)
        self.slots = 1 if self.momentum else 0

    def config(self):
        return {**super().config(), "momentum": self.momentum}

    def step(self, g, slots, t):
        velocity = -self.rate * g
        if slots:
            velocity += floatX(self.momentum) * slots[0]
        return velocity, [velocity] * len(slots)


class RMSprop(Optimizer):
    """Divides by a running root mean square of the gradient (Tieleman & Hinton, 2012)."""

    slots = 1

    def __init__(self, learning_rate=0.001, rho=0.9, epsilon=1e-7, **clipping):
        super().__init__(learning_rate, **clipping)
        self.rho = number_in("rho", rho, 0, 1)
        self.epsilon = number_in("epsilon", epsilon, 0, 1)

    def config(self):
        return {**super().config(), "rho": self.rho, "epsilon": self.epsilon}

    def step(self, g, slots, t):
        mean_square = floatX(self.rho) * slots[0] + floatX(1 - self.rho) * g * g
        return -self.rate * g / T.sqrt(mean_square + floatX(self.epsilon)), [mean_square]


class Adam(Optimizer):
    """Running means of the gradient and its square, corrected for their start at zero
    (Kingma & Ba, 2015)."""

    slots = 2

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **clipping):
        super().__init__(learning_rate, **clipping)
        self.beta_1 = number_in("beta_1", beta_1, 0, 1)
        self.beta_2 = number_in("beta_2", beta_2, 0, 1)
        self.epsilon = number_in("epsilon", epsilon, 0, 1)

    def config(self):
        return {
            **super().config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }

    def step(self, g, slots, t):
        b1, b2 = floatX(self.beta_1), floatX(self.beta_2)
        m = b1 * slots[0] + floatX(1 - self.beta_1) * g
        v = b2 * slots[1] + floatX(1 - self.beta_2) * g * g
        rate = self.rate * T.sqrt(1 - b2**t) / (1 - b1**t)
        return -rate * m / (T.sqrt(v) + floatX(self.epsilon)), [m, v]


OPTIMIZERS = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}


def get(optimizer):
    """The optimizer called `optimizer`, or `optimizer` itself if it is one already."""
    if isinstance(optimizer, Optimizer):
        return optimizer
    name = optimizer.lower() if isinstance(optimizer, str) else optimizer
    return one_of("optimizer", name, OPTIMIZERS)()
