"""What runs fast, for a learner, computes what is compiled fast, for most of the tests."""

import numpy as np
import pytest

from course_lib.layers import ARCHITECTURES, Dense, Masking, recurrent_layer
from course_lib.models import Sequential
from course_lib.optimizers import SGD
from course_lib.training import whole_batch
from tests.conftest import compiling

pytestmark = pytest.mark.usefixtures("optimized")


def step(model, X, y):
    """Loss, norm of the gradient and new weights of one training step from the same start."""
    start = model.get_weights()
    train = model.train_function(X.shape[1:], len(X))
    figures = train(*whole_batch((X, y, np.ones(len(X)))))
    weights = model.get_weights()
    model.set_weights(start)
    model.functions = {}
    return [*figures, *weights]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_training_step_is_the_same_however_it_was_compiled(name):
    rng = np.random.default_rng(0)
    X, y = (rng.normal(size=shape).astype("float32") for shape in [(3, 5, 2), (3, 1)])
    X[1, 3:] = 0  # masked
    model = Sequential([Masking(input_shape=X.shape[1:]), recurrent_layer(name, 4), Dense(1)])
    model.compile(SGD(0.1), "mse")
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    model.optimizer.build(model.trainable_weights)
    fast_to_run = step(model, X, y)
    with compiling("FAST_COMPILE"):
        fast_to_compile = step(model, X, y)
    for a, b in zip(fast_to_run, fast_to_compile):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
