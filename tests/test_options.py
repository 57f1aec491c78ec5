"""Options that many layers share: `use_bias`, and the `dropout` of a recurrent layer's inputs."""

import numpy as np
import pytest

from course_lib.backend import T, function, set_random_seed, theano
from course_lib.gradients import bptt, numerical_gradient, relative_error
from course_lib.interop import from_keras, from_torch, to_keras, to_torch
from course_lib.layers import (
    ARCHITECTURES,
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    EchoState,
    Masking,
    SimpleRNN,
    recurrent_layer,
)
from course_lib.models import Sequential, load_model
from course_lib.readout import fit_ridge
from tests.test_errors import words
from tests.test_layers import (
    BATCH,
    CELLS,
    FEATURES,
    TIME,
    UNITS,
    Gradient,
    built,
    every_cell,
    inputs,
    loop,
    make,
    run,
    same,
)

X = inputs(BATCH, TIME, FEATURES)
NO_BIAS = {"use_bias": False}

# --- use_bias -----------------------------------------------------------------------------


def with_zero_bias(layer, weights):
    """The weights of a layer with a bias, which is zero, that has the others of `layer`."""
    kernel, recurrent = weights
    return [kernel, recurrent, np.zeros(layer.cell.bias_shape)]


@every_cell
def test_without_bias_the_layer_is_a_loop_without_bias(cell, float64):
    layer = make(cell, TIME, FEATURES, return_sequences=True, **NO_BIAS)
    weights = layer.get_weights()
    assert [w.shape for w in weights] == [
        w.shape for w in make(cell, TIME, FEATURES).get_weights()[:2]
    ]
    same(run(layer, X), loop(cell, with_zero_bias(layer, weights), X)[0])


@every_cell
def test_gradients_without_bias_equal_central_differences(cell, float64):
    Gradient(cell, 2, 3, 2, 2, **NO_BIAS).agrees()


@every_cell
def test_without_bias_sizes_of_one_are_no_special_case(cell, float64):
    layer = make(cell, 1, 1, units=1, return_sequences=True, **NO_BIAS)
    x = inputs(1, 1, 1)
    same(run(layer, x), loop(cell, with_zero_bias(layer, layer.get_weights()), x)[0])


@pytest.mark.parametrize("name", [n for n in ARCHITECTURES if n != "EchoState"])
def test_every_architecture_without_bias_computes_what_it_does_with_a_bias_of_zero(name, float64):
    without, with_bias = (recurrent_layer(name, 4, use_bias=bias) for bias in (False, True))
    built(without, TIME, FEATURES)
    with_bias.build((TIME, FEATURES))
    rest = iter(without.get_weights())
    bias = with_bias.cell.b_h
    with_bias.set_weights(
        [np.zeros(w.get_value().shape) if w is bias else next(rest) for w in with_bias.weights]
    )
    assert len(without.weights) == len(with_bias.weights) - 1
    same(run(without, X), run(with_bias, X))


def test_a_reservoir_has_no_such_option():
    words(lambda: EchoState(3, **NO_BIAS), "EchoState has no option 'use_bias'", error=TypeError)


def test_dense_without_bias(float64):
    layer = built(Dense(2, "tanh", **NO_BIAS), 4, 3)
    (W,) = layer.get_weights()
    x = inputs(5, 4, 3)
    same(run(layer, x), np.tanh(x @ W))
    symbol = T.tensor3()
    gradient = function([symbol], theano.grad(layer(symbol).sum(), layer.weights[0]))(x)
    same(gradient, np.einsum("btf,btu->fu", x, 1 - np.tanh(x @ W) ** 2))


def test_unit_forget_bias_counts_for_nothing_without_bias():
    layer = LSTM(3, unit_forget_bias=True, **NO_BIAS)
    layer.build((TIME, FEATURES))
    assert not layer.cell.b_h.eval().any()


def test_chrono_needs_a_bias():
    words(lambda: LSTM(3, chrono=20, **NO_BIAS), "chrono", "got use_bias=False")


@pytest.mark.parametrize("cell", ["SimpleRNN", "LSTM", "GRU"])
def test_bptt_gives_a_gradient_for_each_weight_there_is(cell, float64):
    layer = make(cell, TIME, FEATURES, return_sequences=True, **NO_BIAS)
    x, w = T.tensor3(), inputs(BATCH, TIME, UNITS)
    by_hand = bptt(layer, x, T.constant(w))
    expected = theano.grad((layer(x) * w).sum(), layer.weights)
    results = function([x], [*by_hand, *expected])(X)
    assert len(by_hand) == 2
    for ours, theirs in zip(results, results[2:]):
        same(ours, theirs)


def test_ridge_regression_of_a_read_out_without_bias(float64):
    def model(**options):
        reservoir = SimpleRNN(UNITS, return_sequences=True, input_shape=(TIME, FEATURES))
        return Sequential([built(reservoir, TIME, FEATURES), Dense(1, **options)])

    y = inputs(BATCH, TIME, 1) + 5
    fitted = fit_ridge(model(**NO_BIAS), X, y, penalty=0.1)
    H = Sequential(fitted.layers[:1]).predict(X).reshape(-1, UNITS)
    expected = np.linalg.solve(H.T @ H + 0.1 * np.eye(UNITS), H.T @ y.reshape(-1, 1))
    same(fitted.get_weights()[-1], expected)


def unbiased():
    layers = [
        GRU(4, return_sequences=True, input_shape=(TIME, FEATURES), **NO_BIAS),
        Bidirectional(LSTM(3, **NO_BIAS)),
        Dense(2, **NO_BIAS),
    ]
    return Sequential(layers)


def test_a_model_without_biases_comes_back_from_a_file(tmp_path):
    model = unbiased()
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    x = X.astype("float32")
    assert np.array_equal(loaded.predict(x), model.predict(x))
    assert [w.shape for w in loaded.get_weights()] == [w.shape for w in model.get_weights()]


def test_weights_of_keras_without_biases():
    model, other = unbiased(), unbiased()
    weights = to_keras(model)
    assert [w.shape for w in weights] == [(2, 12), (4, 12), *[(4, 12), (3, 12)] * 2, (6, 2)]
    from_keras(other, weights)
    assert all(map(np.array_equal, weights, other.get_weights()))
    turned = [*weights[:4], weights[4].T, *weights[5:]]
    words(lambda: from_keras(other, turned), "backward kernel of 'bidirectional'", "(12, 4)")


@pytest.mark.parametrize("index, suffix", [(0, "_l0"), (1, "_l0_reverse"), (2, "")])
def test_state_dicts_of_pytorch_without_biases(index, suffix):
    layer, other = unbiased().layers[index], unbiased().layers[index]
    arrays = to_torch(layer)
    assert not any("bias" in name for name in arrays)
    assert f"weight{'_hh' * (index < 2)}{suffix}" in arrays
    from_torch(other, arrays)
    assert all(map(np.array_equal, layer.get_weights(), other.get_weights()))


def test_a_layer_with_a_bias_misses_it_in_a_state_dict_without():
    arrays = to_torch(unbiased().layers[0])
    words(lambda: from_torch(built(GRU(4), TIME, FEATURES), arrays), "no 'bias_ih_l0'")


# --- dropout of inputs --------------------------------------------------------------------

RATE = 0.25


def passing_on(features, **options):
    """A layer whose outputs are its inputs, as far as dropout leaves them."""
    layer = SimpleRNN(features, "linear", return_sequences=True, **options)
    layer.build((None, features))
    layer.set_weights([np.eye(features), np.zeros((features, features)), np.zeros(features)])
    return layer


@pytest.fixture(scope="module")
def masks():
    """What dropout multiplies (batch, time, features) by, at two calls of one function."""
    set_random_seed(1)
    with theano.config.change_flags(floatX="float64"):
        layer, x = passing_on(50, dropout=RATE), T.tensor3()
        compiled = function([x], layer(x, training=True))
        return [compiled(np.ones((40, TIME, 50))) for _ in range(2)]


def test_dropout_of_inputs_is_the_same_at_all_time_steps(masks):
    same(masks[0], np.repeat(masks[0][:, :1], TIME, axis=1))


def test_dropout_of_inputs_drops_the_given_share_and_scales_the_others(masks):
    assert np.unique(masks[0].round(12)).tolist() == [0, round(1 / (1 - RATE), 12)]
    assert (masks[0] == 0).mean() == pytest.approx(RATE, abs=0.03)


def test_dropout_of_inputs_draws_for_every_sequence_and_every_call(masks):
    assert len(np.unique(masks[0][:, 0], axis=0)) == 40
    assert not np.array_equal(masks[0], masks[1])


@pytest.mark.parametrize("cell", CELLS)
def test_with_dropout_a_layer_reads_what_is_left_of_the_inputs(cell, float64):
    options = {"return_sequences": True, "dropout": 0.5}
    layer, probe = make(cell, TIME, FEATURES, **options), passing_on(FEATURES, dropout=0.5)
    results, x = [], T.tensor3()
    for which in (probe, layer):
        set_random_seed(3)
        which.reset_random_numbers()
        results.append(function([x], which(x, training=True))(X))
    read, outputs = results
    assert not np.array_equal(read, X)
    same(outputs, loop(cell, layer.get_weights(), read)[0])


def test_gradients_with_dropout_equal_central_differences(float64):
    layer, x = make("LSTM", TIME, FEATURES, dropout=0.5), T.tensor3()
    out = (layer(x, training=True) * inputs(BATCH, UNITS)).sum()
    compiled = function([x], [out, theano.grad(out, x), *theano.grad(out, layer.weights)])

    def with_one_mask(array):
        set_random_seed(3)
        layer.reset_random_numbers()
        return compiled(array)

    _, d_x, *gradients = with_one_mask(X)
    assert (d_x == 0).all(axis=1).any()
    assert relative_error(d_x, numerical_gradient(lambda a: with_one_mask(a)[0], X)) < 1e-7
    for weight, gradient in zip(layer.weights, gradients):
        value = weight.get_value()

        def at(changed, weight=weight):
            weight.set_value(changed)
            return with_one_mask(X)[0]

        expected = numerical_gradient(at, value)
        weight.set_value(value)
        assert relative_error(gradient, expected) < 1e-6


def test_both_directions_have_a_dropout_of_their_own():
    set_random_seed(1)
    layer = Bidirectional(passing_on(30, dropout=0.5))
    built(layer, 1, 30)
    identity = [np.eye(30), np.zeros((30, 30)), np.zeros(30)]
    layer.set_weights([*identity, *identity])
    x = T.tensor3()
    (outputs,) = function([x], layer(x, training=True))(np.ones((1, 1, 30), "float32"))[0]
    assert not np.array_equal(outputs[:30], outputs[30:])


def test_dropout_of_inputs_is_for_training_only():
    model = Sequential([passing_on(FEATURES, dropout=0.9)])
    x = X.astype("float32")
    assert np.array_equal(model.predict(x), x)


def test_a_model_with_dropout_of_inputs_is_trained_and_saved(tmp_path):
    recurrent = GRU(3, dropout=0.2)
    model = Sequential([Masking(input_shape=(TIME, FEATURES)), recurrent, Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, np.ones((BATCH, 1)), verbose=0)
    model.save(tmp_path / "model.npz")
    assert load_model(tmp_path / "model.npz").layers[1].dropout == 0.2


@pytest.mark.parametrize("rate", [1, -0.1, "0.5"])
def test_a_dropout_out_of_range_is_refused(rate):
    words(lambda: LSTM(3, dropout=rate), "dropout must be a number from 0 up to", f"got {rate!r}")
