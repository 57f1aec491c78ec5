"""Every recurrent architecture: its formula as a numpy loop, its gradient, its place in layers."""

import numpy as np
import pytest

from course_lib.backend import T, function, set_random_seed, theano
from course_lib.gradients import numerical_gradient, relative_error
from course_lib.layers import (
    ARCHITECTURES,
    GRU,
    LSTM,
    Bidirectional,
    ClockworkRNN,
    Dense,
    EchoState,
    IndRNN,
    Masking,
    MinGRU,
    SimpleRNN,
    recurrent_layer,
)
from course_lib.models import Sequential, load_model
from course_lib.parallel import parallel_scan
from tests.test_layers import gru_step, lstm_step, relu, sigmoid, simple_rnn_step

BATCH, TIME, FEATURES, UNITS = 3, 5, 2, 4
every_architecture = pytest.mark.parametrize("name", ARCHITECTURES)
rng = np.random.default_rng(7)
X = rng.normal(size=(BATCH, TIME, FEATURES))


def normalized(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


# --- one step of each in numpy: (x_t, states, weights) to the new states -------------------


def indrnn(x, states, W, u, b):
    return [np.maximum(x @ W + states[0] * u + b, 0)]


def clockwork(x, states, W, U, b):
    h, clock = states
    new = h.copy()
    for unit in range(UNITS):  # four groups of one unit each, with periods 1, 2, 4, 8
        if clock[0] % 2**unit == 0:
            new[:, unit] = np.tanh(x @ W[:, unit] + h[:, unit:] @ U[unit:, unit] + b[unit])
    return [new, clock + 1]


def echo_state(x, states, W, U, b):
    return [0.7 * states[0] + 0.3 * np.tanh(x @ W + states[0] @ U + b)]


def peephole(x, states, W, U, b, p):
    i, f, g, o = np.split(x @ W + states[0] @ U + b, 4, axis=1)
    i, f = sigmoid(i + p[:, 0] * states[1]), sigmoid(f + p[:, 1] * states[1])
    c = f * states[1] + i * np.tanh(g)
    return [sigmoid(o + p[:, 2] * c) * np.tanh(c), c]


def coupled(x, states, W, U, b):
    f, g, o = np.split(x @ W + states[0] @ U + b, 3, axis=1)
    c = sigmoid(f) * states[1] + (1 - sigmoid(f)) * np.tanh(g)
    return [sigmoid(o) * np.tanh(c), c]


def layer_norm(x, states, W, U, b, gain_x, gain_h, gain_c, bias_c):
    pre = gain_x * normalized(x @ W) + gain_h * normalized(states[0] @ U) + b
    i, f, g, o = np.split(pre, 4, axis=1)
    c = sigmoid(f) * states[1] + sigmoid(i) * np.tanh(g)
    return [sigmoid(o) * np.tanh(gain_c * normalized(c) + bias_c), c]


def mgu(x, states, W, U, b):
    (h,) = states
    f = sigmoid(x @ W[:, :UNITS] + h @ U[:, :UNITS] + b[:UNITS])
    candidate = np.tanh(x @ W[:, UNITS:] + (f * h) @ U[:, UNITS:] + b[UNITS:])
    return [(1 - f) * h + f * candidate]


def ugrnn(x, states, W, U, b):
    z, candidate = np.split(x @ W + states[0] @ U + b, 2, axis=1)
    return [sigmoid(z) * states[0] + (1 - sigmoid(z)) * np.tanh(candidate)]


def min_gru(x, states, W, b):
    z, candidate = np.split(x @ W + b, 2, axis=1)
    return [(1 - sigmoid(z)) * states[0] + sigmoid(z) * candidate]


def known(step, activation=np.tanh):
    """A step of `test_layers`, in the form of those above."""
    return lambda x, states, *weights: step(x, states, weights, activation)


STEPS = {
    "SimpleRNN": known(simple_rnn_step),
    "IRNN": known(simple_rnn_step, relu),
    "IndRNN": indrnn,
    "ClockworkRNN": clockwork,
    "EchoState": echo_state,
    "LSTM": known(lstm_step),
    "PeepholeLSTM": peephole,
    "CoupledLSTM": coupled,
    "LayerNormLSTM": layer_norm,
    "GRU": known(gru_step),
    "MGU": mgu,
    "UGRNN": ugrnn,
    "MinGRU": min_gru,
}
OPTIONS = {"EchoState": {"leak": 0.3}}


def built(name, **options):
    """A layer with weights of size 1, so that each of them shows."""
    layer = recurrent_layer(name, UNITS, **{**OPTIONS.get(name, {}), **options})
    layer.build((None, FEATURES))
    draw = np.random.default_rng(1)
    layer.set_weights([draw.normal(size=w.shape) for w in layer.get_weights()])
    return layer


@every_architecture
def test_a_layer_computes_its_formula(name, float64):
    layer = built(name, return_sequences=True)
    x = T.tensor3("x")
    ours = function([x], layer(x))(X)
    weights = layer.get_weights()
    states = layer.cell.initial_values(BATCH)
    for t in range(TIME):
        states = STEPS[name](X[:, t], states, *weights)
        np.testing.assert_allclose(ours[:, t], states[0], atol=1e-12)


@every_architecture
def test_theano_finds_the_gradient_of_every_weight(name, float64):
    layer = built(name)
    x, w = T.tensor3("x"), rng.normal(size=(BATCH, UNITS))
    loss = (layer(x) * w).sum()
    gradients = function([x], theano.grad(loss, layer.weights))(X)
    run = function([x], loss)
    for variable, gradient in zip(layer.weights, gradients):
        value = variable.get_value()

        def at(changed, variable=variable):
            variable.set_value(changed)
            return run(X)

        expected = numerical_gradient(at, value)
        variable.set_value(value)
        assert relative_error(gradient, expected) < 1e-6


@every_architecture
@pytest.mark.parametrize("wrapped", [False, True], ids=["alone", "bidirectional"])
def test_every_architecture_trains_below_masking_and_is_saved(name, wrapped, tmp_path):
    set_random_seed(3)
    layer = recurrent_layer(name, UNITS)
    recurrent = Bidirectional(layer) if wrapped else layer
    model = Sequential([Masking(input_shape=(TIME, FEATURES)), recurrent, Dense(1)])
    model.compile("adam", "mse")
    history = model.fit(X, np.ones((BATCH, 1)), epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    model.save(tmp_path / "model.npz")
    copy = load_model(tmp_path / "model.npz")
    np.testing.assert_allclose(copy.predict(X), model.predict(X), rtol=1e-4)


@every_architecture
def test_masked_steps_change_nothing(name):
    layer = built(name)
    x, mask = T.tensor3("x"), T.matrix("mask", dtype="bool")
    run = function([x, mask], layer(x, mask=mask), allow_input_downcast=True)
    longer = np.concatenate([X, rng.normal(size=(BATCH, 2, FEATURES))], axis=1)
    real = np.ones((BATCH, TIME), bool)
    padded = np.concatenate([real, np.zeros((BATCH, 2), bool)], axis=1)
    np.testing.assert_allclose(run(longer, padded), run(X, real), rtol=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 7, 8])
def test_a_parallel_scan_gives_the_states_of_the_loop(steps, float64):
    keep, add = rng.random((steps, 2, 3)), rng.normal(size=(steps, 2, 3))
    h = initial = rng.normal(size=(2, 3))
    symbols = [T.tensor3("keep"), T.tensor3("add"), T.matrix("initial")]
    states = function(symbols, parallel_scan(*symbols))(keep, add, initial)
    for t in range(steps):
        h = keep[t] * h + add[t]
        np.testing.assert_allclose(states[t], h, atol=1e-12)


@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"zoneout": 0.2}])
def test_a_parallel_mingru_equals_the_loop_outputs_and_gradients(options, float64):
    x, mask = T.tensor3("x"), T.matrix("mask", dtype="bool")
    real = np.arange(TIME) < np.array([[TIME], [2], [4]])
    results = []
    for parallel in (False, True):
        layer = built("MinGRU", parallel=parallel, return_sequences=True, **options)
        y = layer(x, mask=mask)
        gradients = theano.grad((y**2).sum(), layer.weights)
        results.append(function([x, mask], [y, *gradients])(X, real))
    for loop, parallel in zip(*results):
        np.testing.assert_allclose(parallel, loop, atol=1e-10)


def test_only_cells_that_say_what_they_keep_and_add_are_parallel():
    with pytest.raises(ValueError, match="GRUCell waits for the state before: not parallel"):
        GRU(4, parallel=True)


def test_an_unknown_architecture_is_answered_with_the_choices():
    with pytest.raises(ValueError, match="unknown architecture 'LTSM'.*GRU.*LSTM"):
        recurrent_layer("LTSM", 4)


# --- what is special to some --------------------------------------------------------------


def test_a_peephole_lstm_starts_as_an_lstm():
    set_random_seed(0)
    layer = recurrent_layer("PeepholeLSTM", UNITS)
    layer.build((None, FEATURES))
    assert not layer.get_weights()[3].any()


@pytest.mark.parametrize("name", ["LSTM", "PeepholeLSTM", "CoupledLSTM", "GRU", "UGRNN", "MGU"])
def test_chrono_keeps_the_state_over_the_time_asked_for(name):
    """With no input and no other weights, a unit decays as its bias says: within 1 to 99 steps."""
    layer = recurrent_layer(name, 50, chrono=100)
    layer.build((None, 1))
    weights = layer.get_weights()
    gate, sign = next(iter(layer.cell.keeping.items()))
    bias = np.atleast_2d(weights[2])[0].reshape(-1, 50)[gate]
    keeps = sigmoid(sign * bias)
    steps = 1 / (1 - keeps)
    assert steps.min() >= 2 - 1e-3 and steps.max() <= 100 + 1e-3 and steps.std() > 10


def test_chrono_needs_a_gate():
    with pytest.raises(ValueError, match="SimpleRNNCell has no gate"):
        SimpleRNN(4, chrono=100)


def test_a_reservoir_has_its_spectral_radius_and_is_not_trained():
    set_random_seed(0)
    model = Sequential([EchoState(20, spectral_radius=0.8, input_shape=(TIME, 2)), Dense(1)])
    W_hh = model.layers[0].get_weights()[1]
    assert np.abs(np.linalg.eigvals(W_hh)).max() == pytest.approx(0.8, rel=1e-4)
    before = model.get_weights()
    model.compile("adam", "mse")
    model.fit(X, np.ones((BATCH, 1)), verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights())]
    assert changed == [False, False, False, True, True]


def test_both_directions_of_a_reservoir_are_left_alone():
    wrapped = Bidirectional(EchoState(4))
    assert not wrapped.trainable and not wrapped.fresh().trainable


def test_a_model_with_nothing_to_train_says_so():
    model = Sequential([EchoState(4, input_shape=(TIME, 2))])
    model.compile("adam", "mse")
    with pytest.raises(ValueError, match="nothing to train"):
        model.fit(X, np.ones((BATCH, 4)), verbose=0)


def test_clockwork_groups_must_share_the_units():
    with pytest.raises(ValueError, match="units=6 cannot be shared out to 4 groups"):
        ClockworkRNN(6, groups=4)


# --- in parts, backwards, both ways -------------------------------------------------------


def copy_of(layer, **options):
    """A layer with the weights of `layer` and some other options."""
    copy = type(layer)(**{**layer.config(), **options})
    copy.build((None, FEATURES))
    copy.set_weights(layer.get_weights())
    return copy


@every_architecture
def test_the_states_of_one_part_are_where_the_next_part_starts(name, float64):
    layer = built(name, return_sequences=True, return_state=True)
    x = T.tensor3("x")
    whole, *last = layer(x)
    first, *states = layer(x[:, :2])
    second, *more = layer(x[:, 2:], initial_state=states)
    results = function([x], [whole, *last, first, second, *more])(X)
    n = len(last)
    whole, last, first, second = results[0], results[1 : n + 1], results[n + 1], results[n + 2]
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, atol=1e-12)
    for again, state, shape in zip(results[n + 3 :], last, layer.cell.state_shapes):
        assert state.shape == (BATCH, *shape)
        np.testing.assert_allclose(again, state, atol=1e-12)
    np.testing.assert_array_equal(last[0], whole[:, -1])


@every_architecture
def test_backwards_is_forwards_on_the_sequence_turned_round(name, float64):
    layer = built(name, return_sequences=True)
    both = Bidirectional(copy_of(layer))
    both.build((None, FEATURES))
    both.set_weights(2 * layer.get_weights())
    x = T.tensor3("x")
    turned, backwards = layer(x[:, ::-1]), copy_of(layer, go_backwards=True)(x)
    turned, backwards, forwards, joined = function([x], [turned, backwards, layer(x), both(x)])(X)
    np.testing.assert_allclose(backwards, turned, atol=1e-12)
    expected = np.concatenate([forwards, backwards[:, ::-1]], axis=-1)
    np.testing.assert_allclose(joined, expected, atol=1e-12)


@pytest.mark.parametrize("name", ["ClockworkRNN", "PeepholeLSTM", "MinGRU"])
def test_a_stateful_layer_goes_on_where_the_batch_before_ended(name, float64):
    whole = Sequential([built(name)])
    parts = Sequential([copy_of(whole.layers[0], stateful=True)])
    expected = whole.predict(X, batch_size=BATCH)
    parts.predict(X[:, :2], batch_size=BATCH)
    np.testing.assert_allclose(parts.predict(X[:, 2:], batch_size=BATCH), expected, atol=1e-12)


@every_architecture
def test_a_trace_holds_the_states_of_every_step(name, float64):
    layer = built(name, return_sequences=True)
    x = T.tensor3("x")
    trace = layer.trace(X)
    np.testing.assert_allclose(trace["hidden state"], function([x], layer(x))(X), atol=1e-12)
    shapes = dict(zip(layer.cell.state_names, layer.cell.state_shapes))
    for gate, values in trace.items():
        assert values.shape == (BATCH, TIME, *shapes.get(gate, (UNITS,)))
        assert not gate.endswith(" gate") or (values.min() > 0 and values.max() < 1)


# --- options of the cells -----------------------------------------------------------------


def test_an_irnn_starts_as_the_identity_with_relu(float64):
    layer = recurrent_layer("IRNN", UNITS, return_sequences=True)
    layer.build((None, FEATURES))
    W, U, b = layer.get_weights()
    np.testing.assert_array_equal(U, np.eye(UNITS))
    x = T.tensor3("x")
    # While no unit is pushed below 0 it adds up its inputs.
    layer.set_weights([np.abs(W), U, b])
    sums = np.cumsum(np.abs(X) @ np.abs(W), axis=1)
    np.testing.assert_allclose(function([x], layer(x))(np.abs(X)), sums, atol=1e-12)


def test_a_clockwork_group_reads_itself_and_the_slower_ones_when_it_is_due(float64):
    layer = built("ClockworkRNN", groups=2, return_sequences=True)
    W, U, b = layer.get_weights()
    x = T.tensor3("x")
    ours = function([x], layer(x))(X)
    fast, slow = np.zeros((2, BATCH, 2))
    for t in range(TIME):
        pushed = X[:, t] @ W + b
        before = np.concatenate([fast, slow], axis=1)
        fast = np.tanh(pushed[:, :2] + before @ U[:, :2])
        if t % 2 == 0:
            slow = np.tanh(pushed[:, 2:] + slow @ U[2:, 2:])
        np.testing.assert_allclose(ours[:, t], np.concatenate([fast, slow], axis=1), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ClockworkRNN", {"groups": 2}),
        ("EchoState", {"leak": 0.3, "spectral_radius": 0.5, "input_scale": 0.1}),
        ("IRNN", {"activation": "tanh"}),
        ("IndRNN", {"recurrent_initializer": "zeros"}),
        ("MGU", {"chrono": 20}),
        ("CoupledLSTM", {"unit_forget_bias": False}),
    ],
)
def test_the_options_of_a_cell_are_saved_with_the_model(name, options, tmp_path):
    model = Sequential([Bidirectional(recurrent_layer(name, UNITS, **options))])
    model.build((TIME, FEATURES))
    model.save(tmp_path / "model.npz")
    copy = load_model(tmp_path / "model.npz")
    assert copy.layers[0].config() == model.layers[0].config()
    assert options.items() <= copy.layers[0].backward.config().items()
    assert all(map(np.array_equal, copy.get_weights(), model.get_weights()))


# --- recurrent dropout and zoneout --------------------------------------------------------


@pytest.mark.parametrize("options", [{"recurrent_dropout": 0.5}, {"zoneout": 0.5}])
def test_noise_is_drawn_in_training_only(options):
    layer = built("GRU", **options)
    x = T.tensor3("x")
    training = function([x], layer(x, training=True), allow_input_downcast=True)
    testing = function([x], layer(x), allow_input_downcast=True)
    assert not np.allclose(training(X), training(X))
    np.testing.assert_array_equal(testing(X), testing(X))


def test_recurrent_dropout_of_0_and_without_training_changes_nothing():
    x = T.tensor3("x")
    run = function([x], [built("LSTM", recurrent_dropout=0.5)(x), built("LSTM")(x)])
    with_option, without = run(X.astype("float32"))
    np.testing.assert_array_equal(with_option, without)


def test_recurrent_dropout_drops_a_unit_at_all_steps(float64):
    """With one unit dropped, its state may change but nothing recurrent reads it."""
    layer = built("SimpleRNN", recurrent_dropout=0.5, return_sequences=True)
    x = T.tensor3("x")
    run = function([x], layer(x, training=True))
    W, U, b = layer.get_weights()
    states = run(X)
    before = np.concatenate([np.zeros((BATCH, 1, UNITS)), states[:, :-1]], axis=1)
    recurrent_part = np.arctanh(states) - X @ W - b
    # The scales of the units' rows, found by least squares from all steps: each is 0 or 2.
    rows = before.reshape(-1, UNITS)[:, :, None] * U
    design, target = rows.transpose(0, 2, 1).reshape(-1, UNITS), recurrent_part.ravel()
    scales = np.linalg.lstsq(design, target, rcond=None)[0]
    np.testing.assert_allclose(np.minimum(abs(scales), abs(scales - 2)), 0, atol=1e-6)


def test_zoneout_keeps_a_unit_as_it_was_or_updates_it_wholly(float64):
    layer = built("LSTM", zoneout=0.5, return_sequences=True)
    layer.set_weights([0 * W for W in layer.get_weights()[:2]] + [np.ones(4 * UNITS)])
    x = T.tensor3("x")
    states = function([x], layer(x, training=True))(X)
    # No input and no recurrence: a unit's state depends only on how often it was updated.
    plain = built("LSTM", return_sequences=True)
    plain.set_weights(layer.get_weights())
    steps = function([x], plain(x))(X)[0, :, 0]
    distances = np.abs(states[..., None] - np.append(0, steps)).min(axis=-1)
    assert distances.max() < 1e-12


def test_zoneout_mixes_by_its_probability_when_it_predicts(float64):
    layer, plain = built("SimpleRNN", zoneout=0.25), built("SimpleRNN")
    x = T.tensor3("x")
    first = X[:, :1]
    with_option, without = function([x], [layer(x), plain(x)])(first)
    np.testing.assert_allclose(with_option, 0.75 * without)


@pytest.mark.parametrize("name", ["recurrent_dropout", "zoneout"])
def test_a_rate_is_below_1(name):
    with pytest.raises(ValueError, match=f"{name} must be a number from 0 up to"):
        LSTM(4, **{name: 1.0})


@pytest.mark.parametrize("layer", [IndRNN, MinGRU])
def test_recurrent_dropout_needs_a_matrix(layer):
    layer = layer(UNITS, recurrent_dropout=0.5)
    layer.build((None, FEATURES))
    with pytest.raises(ValueError, match="no matrix for recurrent_dropout"):
        layer(T.tensor3(), training=True)


def test_options_are_saved_with_the_model(tmp_path):
    model = Sequential([GRU(3, zoneout=0.1, recurrent_dropout=0.2, input_shape=(TIME, 2))])
    model.save(tmp_path / "model.npz")
    layer = load_model(tmp_path / "model.npz").layers[0]
    assert (layer.zoneout, layer.recurrent_dropout) == (0.1, 0.2)


ONE_PER_UNIT = [  # all states consist of units, so zoneout is possible
    name for name, layer in ARCHITECTURES.items() if {*layer(4).cell.state_shapes} == {(4,)}
]


@pytest.mark.parametrize("name", ONE_PER_UNIT)
def test_with_zoneout_every_architecture_predicts_from_the_mean_of_old_and_new(name, float64):
    layer = built(name, zoneout=0.25, return_sequences=True)
    x = T.tensor3("x")
    ours = function([x], layer(x))(X)
    states = layer.cell.initial_values(BATCH)
    for t in range(TIME):
        new = STEPS[name](X[:, t], states, *layer.get_weights())
        states = [0.75 * n + 0.25 * old for n, old in zip(new, states)]
        np.testing.assert_allclose(ours[:, t], states[0], atol=1e-12)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("GRU", "recurrent_dropout"),
        ("LayerNormLSTM", "recurrent_dropout"),
        ("MGU", "recurrent_dropout"),
        ("SimpleRNN", "recurrent_dropout"),
        ("LSTM", "zoneout"),
        ("MGU", "zoneout"),
        ("MinGRU", "zoneout"),
    ],
)
def test_gradients_pass_through_the_noise_of_training(name, option, float64):
    """The same noise in loss and gradient: the slope along the gradient is its length."""
    layer = built(name, **{option: 0.5})
    x, w = T.tensor3("x"), rng.normal(size=(BATCH, UNITS))
    loss = (layer(x, training=True) * w).sum()
    run = function([x], [loss, *theano.grad(loss, layer.weights)])

    def seeded():
        layer.stream.seed(5)
        return run(X)

    start, (_, *gradients) = layer.get_weights(), seeded()
    length = sum((g**2).sum() for g in gradients)
    assert np.isfinite(length) and length > 0
    losses = []
    for step in (1e-6, -1e-6):
        layer.set_weights([v + step * g for v, g in zip(start, gradients)])
        losses.append(seeded()[0])
    assert (losses[0] - losses[1]) / 2e-6 == pytest.approx(length, rel=1e-5)


def test_zoneout_is_for_states_that_consist_of_units():
    with pytest.raises(ValueError, match=r"ClockworkRNN has .*clock \(\); zoneout must be 0"):
        ClockworkRNN(4, zoneout=0.1)


@pytest.mark.parametrize(
    "option, message",
    [
        ({"leak": 0}, "leak must be a number above 0 and at most 1, got 0"),
        ({"leak": 1.5}, "leak must be .* at most 1, got 1.5"),
        ({"leak": "a"}, "leak must be .*got 'a'"),
        ({"spectral_radius": -1}, "spectral_radius must be a number above 0, got -1"),
        ({"spectral_radius": float("inf")}, "spectral_radius must be a number above 0, got inf"),
        ({"input_scale": "a"}, "input_scale must be a number above 0, got 'a'"),
    ],
)
def test_an_echo_state_layer_says_what_its_options_may_be(option, message):
    with pytest.raises(ValueError, match=message):
        EchoState(4, **option)


def test_recurrent_dropout_leaves_peepholes_alone(float64):
    layer = built("PeepholeLSTM", recurrent_dropout=0.5)
    W, U, b, p = (np.ones_like(w) for w in layer.get_weights())
    layer.set_weights([0 * W, 0 * U, b, p])  # only peepholes are left to be dropped
    x = T.tensor3("x")
    dropped, whole = function([x], [layer(x, training=True), layer(x)])(X)
    np.testing.assert_allclose(dropped, whole)


def test_a_trace_with_zoneout_is_what_predict_computes(float64):
    layer = built("GRU", zoneout=0.3, return_sequences=True)
    x = T.tensor3("x")
    np.testing.assert_allclose(layer.trace(X)["hidden state"], function([x], layer(x))(X))
