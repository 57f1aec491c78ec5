"""What both backends have in common: numbers, the few wrapped functions, random seeds."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib.backend import (
    T,
    affine,
    floatX,
    function,
    log_softmax,
    new_rng,
    scan,
    set_random_seed,
    shared,
    sigmoid,
    softmax,
    softplus,
    split,
    theano,
)

pytestmark = pytest.mark.usefixtures("optimized")


def test_the_course_calculates_in_single_precision():
    assert theano.config.floatX == "float32"
    assert floatX([1, 2]).dtype == np.float32


@pytest.mark.parametrize(
    "choice, said", [("theano", "needs theano, which"), ("", "needs Theano or PyTensor, which")]
)
def test_without_a_backend_the_import_says_what_to_do(choice, said):
    code = "import sys; sys.modules.update(theano=None, pytensor=None); import course_lib"
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "COURSE_BACKEND": choice},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
    )
    assert f"ImportError: course_lib {said}" in result.stderr
    assert "requirements.lock" in result.stderr


# --- numbers ------------------------------------------------------------------------------

SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, 1.0, 100.0, -100.0] * 8, dtype="float32")


@pytest.fixture(scope="module")
def elementwise():
    """Functions of one vector, compiled with the course's flags."""
    x = T.vector("x")
    compiled = function([x], [T.tanh(x), sigmoid(x), softplus(x), T.exp(x)])
    return lambda x: dict(zip(["tanh", "sigmoid", "softplus", "exp"], compiled(x)))


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "exp"])
def test_nan_stays_nan(elementwise, name):
    assert np.array_equal(np.isnan(elementwise(SPECIAL)[name]), np.isnan(SPECIAL))


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")
@pytest.mark.parametrize(
    "name, formula",
    [
        ("tanh", np.tanh),
        ("sigmoid", lambda a: 1 / (1 + np.exp(-a))),
        ("softplus", lambda a: np.logaddexp(0, a)),
    ],
)
def test_functions_agree_with_numpy_up_to_infinity(elementwise, name, formula):
    grid = np.linspace(-20, 20, 1001, dtype="float32")
    x = np.concatenate([SPECIAL, grid])
    expected = formula(x.astype(float))
    np.testing.assert_allclose(elementwise(x)[name], expected, rtol=2e-6, atol=1e-6)


def test_denormal_numbers_stay_switched_on(elementwise):
    elementwise(SPECIAL)
    assert np.float32(1e-40) * np.float32(1) != 0
    assert np.float64(1e-310) * np.float64(1) != 0


def numpy_softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@pytest.mark.parametrize(
    "shape, axis", [((4,), -1), ((3, 4), -1), ((3, 4), 0), ((2, 3, 4), 1), ((2, 3, 4, 2), -1)]
)
def test_softmax_sums_to_1_along_any_axis_even_of_huge_numbers(shape, axis, float64):
    x = np.random.default_rng(0).normal(size=shape)
    symbol = T.TensorType("float64", [False] * len(shape))()
    probabilities, logs = softmax(symbol, axis), log_softmax(symbol, axis)
    run = function([symbol], [probabilities, logs])
    np.testing.assert_allclose(run(x)[0], numpy_softmax(x, axis), atol=1e-12)
    np.testing.assert_allclose(run(x)[1], np.log(numpy_softmax(x, axis)), atol=1e-12)
    huge = run(1e4 * x)
    np.testing.assert_allclose(huge[0].sum(axis=axis), 1)
    assert np.isfinite(huge[1]).all()


# --- wrapped functions --------------------------------------------------------------------


def test_affine_is_a_product_and_a_bias_with_their_gradients(float64):
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5)), rng.normal(size=5)
    X, weights, bias = T.tensor3(), T.matrix(), T.vector()
    y = affine(X, weights, bias)
    run = function([X, weights, bias], [y, *theano.grad(y.sum(), [X, weights, bias])])
    value, dX, dW, db = run(x, W, b)
    np.testing.assert_allclose(value, x @ W + b, atol=1e-12)
    np.testing.assert_allclose(dX, np.broadcast_to(W.sum(axis=1), x.shape), atol=1e-12)
    np.testing.assert_allclose(dW, np.repeat(x.sum(axis=(0, 1))[:, None], 5, axis=1), atol=1e-12)
    np.testing.assert_allclose(db, np.full(5, 6.0), atol=1e-12)


def test_split_cuts_the_last_axis():
    x = T.matrix()
    first, second = function([x], split(x, 2, 3))(floatX(np.arange(12).reshape(2, 6)))
    assert first.tolist() == [[0, 1, 2], [6, 7, 8]]
    assert second.tolist() == [[3, 4, 5], [9, 10, 11]]


def test_scan_returns_only_its_outputs():
    x = T.vector("x")
    totals = scan(lambda x_t, total: total + x_t, sequences=x, outputs_info=T.zeros(()))
    assert function([x], totals)([1, 2, 3]).tolist() == [1, 3, 6]


def test_scan_refuses_a_step_that_changes_shared_variables():
    counter = shared(floatX(0))

    def step(x_t):
        return x_t, {counter: counter + 1}

    with pytest.raises(ValueError, match="shared variables.*theano.scan"):
        scan(step, sequences=T.vector())


# --- random numbers -----------------------------------------------------------------------


def test_a_seed_repeats_all_later_generators():
    set_random_seed(5)
    first = [new_rng().normal(), new_rng().normal()]
    set_random_seed(5)
    assert [new_rng().normal(), new_rng().normal()] == first
    assert first[0] != first[1]


def test_the_seed_is_set_from_the_package_itself():
    assert course_lib.set_random_seed is set_random_seed


def test_numpys_own_random_numbers_are_left_alone():
    np.random.seed(1)
    expected = np.random.rand()
    np.random.seed(1)
    set_random_seed(2)
    new_rng().normal()
    assert np.random.rand() == expected
