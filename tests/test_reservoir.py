"""Echo state networks: the ridge read-out, and the Mackey-Glass series they are tried on."""

import numpy as np
import pytest

from course_lib import set_random_seed
from course_lib.layers import Dense, EchoState, Masking
from course_lib.models import Sequential
from course_lib.readout import fit_ridge, ridge
from course_lib.tasks import mackey_glass

# --- the series ---------------------------------------------------------------------------


def test_mackey_glass_follows_its_equation():
    # Euler's scheme by hand, from the random values before time 0.
    past = np.random.default_rng(3).uniform(1, 1.4, 51)
    x = list(past)
    for _ in range(200):
        late = x[-51]
        x.append(x[-1] + 0.1 * (0.2 * late / (1 + late**10) - 0.1 * x[-1]))
    expected = x[51:][9::10]  # at the times 1, 2, ..., 20
    np.testing.assert_allclose(mackey_glass(20, tau=5, seed=3, washout=0), expected, rtol=1e-12)


def test_washout_drops_the_beginning():
    np.testing.assert_array_equal(mackey_glass(30, washout=20), mackey_glass(50, washout=0)[20:])


def test_a_seed_decides_the_series():
    np.testing.assert_array_equal(mackey_glass(40, seed=1), mackey_glass(40, seed=1))
    assert np.abs(mackey_glass(40, seed=1) - mackey_glass(40, seed=2)).max() > 0.01


def test_the_attractor_has_the_known_variance():
    # sigma^2 of the series for the delay 17 is about 0.051; it stays between 0.2 and 1.4.
    series = mackey_glass(8000)
    assert 0.045 < series.var() < 0.057
    assert 0.2 < series.min() < series.max() < 1.4


def test_a_short_delay_gives_no_chaos():
    # Below 17 the series becomes periodic or constant: two starts end in the same values.
    late = [np.sort(mackey_glass(200, tau=3, seed=s, washout=3000))[[0, -1]] for s in (0, 1)]
    np.testing.assert_allclose(late[0], late[1], atol=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 0}, "length must be a whole number of at least 1"),
        ({"length": 10, "tau": 0.5}, "tau must be a whole number of at least 1"),
        ({"length": 10, "washout": -1}, "washout must be a whole number of at least 0"),
    ],
)
def test_mackey_glass_says_what_is_wrong(options, message):
    with pytest.raises(ValueError, match=message):
        mackey_glass(**options)


# --- the read-out -------------------------------------------------------------------------


def network(outputs=1, **options):
    """A small echo state network for inputs of one feature."""
    set_random_seed(0)
    reservoir = EchoState(12, return_sequences=True, input_shape=(None, 1), **options)
    return Sequential([reservoir, Dense(outputs)])


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2, 40, 1))
    return X, np.concatenate([X.cumsum(axis=1), X**2], axis=-1)


def states_of(model, X):
    """The states of the reservoir, one row per sample and step after the first five."""
    return model.layers[0].trace(X)["hidden state"][:, 5:].reshape(-1, 12).astype("float64")


def test_ridge_without_penalty_is_least_squares():
    rng = np.random.default_rng(1)
    H, y = rng.normal(size=(50, 4)), rng.normal(size=(50, 2))
    W, b = ridge(H, y, 0.0)
    expected = np.linalg.lstsq(np.column_stack([H, np.ones(50)]), y, rcond=None)[0]
    np.testing.assert_allclose(np.vstack([W, b]), expected, atol=1e-10)


def test_ridge_minimizes_what_it_says():
    rng = np.random.default_rng(2)
    H, y, penalty = rng.normal(size=(30, 3)), rng.normal(size=(30, 1)), 5.0

    def objective(W, b):
        return ((H @ W + b - y) ** 2).sum() + penalty * (W**2).sum()

    W, b = ridge(H, y, penalty)
    best = objective(W, b)
    for _ in range(20):
        assert objective(W + 0.01 * rng.normal(size=W.shape), b) > best
        assert objective(W, b + 0.01 * rng.normal()) > best


def test_a_large_penalty_leaves_the_mean():
    H, y = np.random.default_rng(3).normal(size=(2, 30, 3))[0], np.arange(30.0)[:, None]
    W, b = ridge(H, y, 1e12)
    assert np.abs(W).max() < 1e-6
    np.testing.assert_allclose(b, 14.5, atol=1e-5)


def test_fit_ridge_sets_the_last_layer_by_regression_on_the_states(data):
    X, y = data
    model = fit_ridge(network(2), X, y, penalty=0.1, washout=5)
    W, b = ridge(states_of(model, X), y[:, 5:].reshape(-1, 2), 0.1)
    np.testing.assert_allclose(model.get_weights()[-2], W, atol=1e-4)
    np.testing.assert_allclose(model.get_weights()[-1], b, atol=1e-4)


def test_fit_ridge_changes_nothing_but_the_last_layer(data):
    X, y = data
    model = network(2)
    before = model.get_weights()
    assert fit_ridge(model, X, y, washout=5) is model
    changed = [np.abs(new - old).max() > 0 for new, old in zip(model.get_weights(), before)]
    assert changed == [False, False, False, True, True]


def test_one_output_may_come_without_its_axis(data):
    X, y = data
    one = fit_ridge(network(), X, y[..., :1]).get_weights()
    other = fit_ridge(network(), X, y[..., 0]).get_weights()
    np.testing.assert_array_equal(one[-2], other[-2])


def test_a_stateful_network_is_fitted_from_zero_and_left_at_zero(data):
    X, y = data
    plain = fit_ridge(network(2), X, y).get_weights()
    model = network(2, stateful=True)
    model.predict(X, batch_size=2)  # leaves a state behind
    np.testing.assert_allclose(fit_ridge(model, X, y).get_weights()[-2], plain[-2], atol=1e-5)
    assert not model.layers[0].states[0].get_value().any()


def test_masked_steps_do_not_count(data):
    X, y = data
    model = Sequential([Masking(), EchoState(8, return_sequences=True), Dense(2)])
    model.build((None, 1))
    fitted = fit_ridge(model, X, y, penalty=0.1).get_weights()
    filling = [(0, 0), (0, 5), (0, 0)]
    longer = np.pad(X, filling), np.pad(y, filling, constant_values=100.0)
    again = fit_ridge(model, *longer, penalty=0.1).get_weights()
    np.testing.assert_allclose(again[-2], fitted[-2], rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="every time step of X is masked"):
        fit_ridge(model, *longer, washout=X.shape[1])


def test_an_echo_state_network_learns_mackey_glass():
    series = mackey_glass(1201, seed=1) - 1
    set_random_seed(0)
    model = Sequential([EchoState(80, return_sequences=True, input_shape=(None, 1)), Dense(1)])
    fit_ridge(model, series[None, :1000, None], series[None, 1:1001], washout=100)
    error = model.predict(series[None, :1200, None])[0, 1000:, 0] - series[1001:]
    assert np.sqrt(np.mean(error**2)) < 0.02 * series.std()


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (lambda: Sequential([EchoState(3, input_shape=(None, 1))]), {}, "Dense layer without"),
        (lambda: network_ending(Dense(2, activation="tanh")), {}, "Dense layer without"),
        (lambda: Sequential([EchoState(3, input_shape=(4, 1)), Dense(2)]), {}, "give sequences"),
        (lambda: Sequential([Dense(2, input_shape=(4, 1))]), {}, "give sequences"),
        (lambda: Sequential([Dense(2)]), {}, "needs weights"),
        (lambda: network(2), {"penalty": -1}, "penalty must be a number from 0"),
        (lambda: network(2), {"washout": 40}, "leaves nothing of 40 time steps"),
        (lambda: network(2), {"washout": -1}, "washout must be a whole number of at least 0"),
        (lambda: network(3), {}, r"shape \(2, 40, 3\), got \(2, 40, 2\)"),
    ],
)
def test_fit_ridge_says_what_is_wrong(model, options, message, data):
    with pytest.raises(ValueError, match=message):
        fit_ridge(model(), *data, **options)


def network_ending(last):
    """A reservoir, and another layer at the end."""
    return Sequential([EchoState(3, return_sequences=True, input_shape=(None, 1)), last])


def test_fit_ridge_needs_inputs_of_the_right_shape(data):
    with pytest.raises(ValueError, match="X must have shape"):
        fit_ridge(network(2), data[0][0], data[1])
