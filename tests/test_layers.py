"""Each layer does what its formula says: against plain numpy loops and central differences."""

import numpy as np
import pytest

from course_lib.backend import T, floatX, function, set_random_seed, theano
from course_lib.cells import LSTMCell
from course_lib.gradients import numerical_gradient
from course_lib.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Masking,
    SimpleRNN,
)
from course_lib.models import Sequential

BATCH, TIME, FEATURES, UNITS = 3, 4, 2, 3


# --- the same layers as plain numpy loops -------------------------------------------------


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def relu(a):
    return np.maximum(a, 0)


def simple_rnn_step(x, states, weights, activation):
    (h,), (W, U, b) = states, weights
    return [activation(x @ W + h @ U + b)]


def lstm_step(x, states, weights, activation):
    (h, c), (W, U, b) = states, weights
    i, f, g, o = np.split(x @ W + h @ U + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * activation(g)
    return [sigmoid(o) * activation(c), c]


def gru_step(x, states, weights, activation):
    (h,), (W, U, b) = states, weights
    x_z, x_r, x_h = np.split(x @ W + b[0], 3, axis=1)
    h_z, h_r, h_h = np.split(h @ U + b[1], 3, axis=1)
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    return [z * h + (1 - z) * activation(x_h + r * h_h)]


def gru_reset_before_step(x, states, weights, activation):
    (h,), (W, U, b) = states, weights
    W_z, W_r, W_h = np.split(W, 3, axis=1)
    U_z, U_r, U_h = np.split(U, 3, axis=1)
    b_z, b_r, b_h = np.split(b, 3)
    z = sigmoid(x @ W_z + h @ U_z + b_z)
    r = sigmoid(x @ W_r + h @ U_r + b_r)
    return [z * h + (1 - z) * activation(x @ W_h + (r * h) @ U_h + b_h)]


# Layer, its options, one step in numpy, number of states.
CELLS = {
    "SimpleRNN": (SimpleRNN, {}, simple_rnn_step, 1),
    "LSTM": (LSTM, {}, lstm_step, 2),
    "GRU": (GRU, {}, gru_step, 1),
    "GRU reset before": (GRU, {"reset_after": False}, gru_reset_before_step, 1),
}
every_cell = pytest.mark.parametrize("cell", CELLS)


def loop(cell, weights, x, states=None, activation=np.tanh):
    """Outputs (batch, time, units) and final states of a cell, in numpy."""
    step, count = CELLS[cell][2:]
    units = weights[1].shape[0]
    states = states or [np.zeros((len(x), units))] * count
    outputs = []
    for t in range(x.shape[1]):
        states = step(x[:, t], states, weights, activation)
        outputs.append(states[0])
    return np.stack(outputs, axis=1), states


def built(layer, *input_shape):
    """`layer` with weights, biases included, that are no special case."""
    layer.build(input_shape)
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(0, 0.5, w.shape) for w in layer.get_weights()])
    return layer


def make(cell, *input_shape, units=UNITS, **options):
    layer_class, variant, *_ = CELLS[cell]
    return built(layer_class(units, **variant, **options), *input_shape)


def run(layer, x, **call):
    """The outputs of `layer` for the numpy array `x`."""
    symbol = T.TensorType(layer.dtype or theano.config.floatX, [False] * x.ndim)("x")
    return function([symbol], layer(T.specify_shape(symbol, x.shape), **call))(x)


def inputs(*shape):
    return np.random.default_rng(2).normal(size=shape)


def same(ours, expected):
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-12)


# --- cells --------------------------------------------------------------------------------


@every_cell
@pytest.mark.parametrize("activation", [np.tanh, relu])
def test_outputs_and_states_equal_a_numpy_loop(cell, activation, float64):
    layer = make(
        *(cell, TIME, FEATURES),
        activation=activation.__name__,
        return_sequences=True,
        return_state=True,
    )
    x = inputs(BATCH, TIME, FEATURES)
    outputs, *states = run(layer, x)
    expected, final = loop(cell, layer.get_weights(), x, activation=activation)
    same(outputs, expected)
    same(states, final)


def test_without_return_sequences_the_output_is_the_last_one(float64):
    layer = make("GRU", TIME, FEATURES)
    x = inputs(BATCH, TIME, FEATURES)
    same(run(layer, x), loop("GRU", layer.get_weights(), x)[0][:, -1])


def test_go_backwards_reads_from_the_end_and_returns_in_that_order(float64):
    layer = make("LSTM", TIME, FEATURES, return_sequences=True, go_backwards=True)
    x = inputs(BATCH, TIME, FEATURES)
    same(run(layer, x), loop("LSTM", layer.get_weights(), x[:, ::-1])[0])


@pytest.mark.parametrize("cell", ["LSTM", "GRU reset before"])
def test_a_loop_can_start_from_a_given_state(cell, float64):
    layer = make(cell, TIME, FEATURES, return_sequences=True)
    x, count = inputs(BATCH, TIME, FEATURES), CELLS[cell][3]
    start = list(inputs(count, BATCH, UNITS))
    outputs = run(layer, x, initial_state=[T.constant(state) for state in start])
    same(outputs, loop(cell, layer.get_weights(), x, start)[0])


def test_return_state_alone_adds_the_states_to_the_last_output(float64):
    layer = make("LSTM", TIME, FEATURES, return_state=True)
    x = inputs(BATCH, TIME, FEATURES)
    output, h, c = run(layer, x)
    same([h, c], loop("LSTM", layer.get_weights(), x)[1])
    same(output, h)


def test_batch_and_time_may_be_unknown_when_the_graph_is_made(float64):
    layer, symbol = make("GRU", None, FEATURES, return_sequences=True), T.tensor3("x")
    outputs = function([symbol], layer(symbol))
    for batch, time in [(1, 1), (2, 5), (4, 3)]:
        x = inputs(batch, time, FEATURES)
        same(outputs(x), loop("GRU", layer.get_weights(), x)[0])


@every_cell
@pytest.mark.parametrize("batch, time, features, units", [(1, 3, 2, 2), (2, 1, 2, 1)])
def test_sizes_of_one_are_no_special_case(cell, batch, time, features, units, float64):
    layer = make(cell, time, features, units=units, return_sequences=True)
    x = inputs(batch, time, features)
    same(run(layer, x), loop(cell, layer.get_weights(), x)[0])


# --- gradients ----------------------------------------------------------------------------


class Gradient:
    """A weighted sum of a cell's masked outputs and final states, and its gradients."""

    def __init__(self, cell, batch, time, features, units, **options):
        count = CELLS[cell][3]
        self.mask = inputs(batch, time + 1)[:, 1:] > -0.5
        options = {"return_sequences": True, "return_state": True, **options}
        layer = make(cell, time, features, units=units, **options)
        x, mask = T.tensor3("x"), T.bmatrix("mask")
        starts = [T.matrix() for _ in range(count)]
        arrays = [inputs(batch, time, features), *inputs(count, batch, units)]
        given = [T.specify_shape(s, a.shape) for s, a in zip([x, *starts], arrays)]
        outputs, *finals = layer.call(given[0], mask=mask, initial_state=given[1:])
        loss = (outputs * inputs(batch, time, units)).sum()
        loss += sum((i + 1) * T.sqr(final).sum() for i, final in enumerate(finals))
        wanted = theano.grad(loss, [x, *starts, *layer.weights])
        compiled = function([x, *starts, mask], [loss, *wanted])
        self.run = lambda: compiled(*arrays, self.mask)
        # All that the loss depends on; weights are changed where Theano keeps them.
        self.arrays = arrays + [w.get_value(borrow=True) for w in layer.weights]

    def agrees(self, step=1e-5):
        for array, gradient in zip(self.arrays, self.run()[1:]):
            assert gradient.shape == array.shape
            for index in np.ndindex(array.shape):
                value, losses = array[index], []
                for change in (step, -step):
                    array[index] = value + change
                    losses.append(self.run()[0])
                array[index] = value
                difference = (losses[0] - losses[1]) / (2 * step)
                np.testing.assert_allclose(gradient[index], difference, rtol=1e-6, atol=1e-8)


GRADIENTS = [
    ("SimpleRNN", {}),
    ("SimpleRNN", {"activation": "relu"}),
    ("LSTM", {}),
    ("GRU", {}),
    ("GRU", {"go_backwards": True, "recurrent_activation": "tanh"}),
    ("GRU reset before", {}),
]


@pytest.mark.parametrize("cell, options", GRADIENTS)
def test_gradients_equal_central_differences_with_and_without_masked_steps(cell, options, float64):
    gradient = Gradient(cell, 2, 3, 2, 2, **options)
    assert 0 < gradient.mask.sum() < gradient.mask.size
    gradient.agrees()
    gradient.mask = np.ones_like(gradient.mask)
    gradient.agrees()


def test_gradients_are_right_where_all_sizes_are_one(float64):
    gradient = Gradient("GRU", 1, 1, 1, 1)
    gradient.mask = np.ones_like(gradient.mask)
    gradient.agrees()


def test_gradients_of_dense_equal_central_differences(float64):
    layer = built(Dense(2, activation="tanh"), 4, 3)
    x = inputs(2, 4, 3)
    symbol = T.tensor3("x")
    loss = T.sqr(layer(symbol)).sum()
    run_gradient = function([symbol], [loss, *theano.grad(loss, layer.weights)])
    for weight, gradient in zip(layer.weights, run_gradient(x)[1:]):
        value = weight.get_value()
        for index in np.ndindex(value.shape):
            losses = []
            for change in (1e-5, -1e-5):
                moved = value.copy()
                moved[index] += change
                weight.set_value(moved)
                losses.append(run_gradient(x)[0])
            weight.set_value(value)
            difference = (losses[0] - losses[1]) / 2e-5
            np.testing.assert_allclose(gradient[index], difference, rtol=1e-6, atol=1e-8)


def test_a_step_of_its_own_does_not_go_back_the_way_of_another_cell(float64):
    class Halved(LSTMCell):
        def step(self, xp_t, h, c, W_hh):
            (h, c), kept = super().step(xp_t, h, c, W_hh)
            return [h / 2, c], kept

    class HalvedLSTM(LSTM):
        cell_class = Halved

    assert LSTMCell(3).knows_backward_step
    assert not Halved(3).knows_backward_step
    layer, x, symbol = HalvedLSTM(UNITS), inputs(BATCH, TIME, FEATURES), T.tensor3("x")
    layer.build((TIME, FEATURES))
    run_loss = function([symbol], T.sqr(layer(symbol)).sum())
    gradient = function([symbol], theano.grad(T.sqr(layer(symbol)).sum(), symbol))(x)

    difference = numerical_gradient(run_loss, x)
    np.testing.assert_allclose(gradient, difference, rtol=1e-6, atol=1e-9)


# --- stateful -----------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["SimpleRNN", "LSTM", "GRU"])
def stateful(request):
    """A stateful model for sequences of two steps, and a numpy version for any length."""
    with theano.config.change_flags(floatX="float64"):
        layer_class = CELLS[request.param][0]
        layer = layer_class(UNITS, stateful=True, return_sequences=True, input_shape=(2, FEATURES))
        model = Sequential([layer])
        yield model, lambda x: loop(request.param, model.get_weights(), x)[0]


def test_a_stateful_layer_goes_on_where_the_batch_before_ended(stateful):
    model, whole = stateful
    model.reset_states()
    x = inputs(BATCH, 4, FEATURES)
    halves = [model.predict(half, batch_size=BATCH) for half in (x[:, :2], x[:, 2:])]
    same(np.concatenate(halves, axis=1), whole(x))


def test_reset_states_starts_a_stateful_layer_from_zero(stateful):
    model, whole = stateful
    x = inputs(BATCH, 2, FEATURES)
    model.predict(x, batch_size=BATCH)
    model.reset_states()
    same(model.predict(x, batch_size=BATCH), whole(x))


def test_samples_of_consecutive_batches_continue_each_other(stateful):
    model, whole = stateful
    model.reset_states()
    x = inputs(BATCH, 4, FEATURES)
    stacked = np.concatenate([x[:, :2], x[:, 2:]])
    outputs = model.predict(stacked, batch_size=BATCH)
    same(np.concatenate([outputs[:BATCH], outputs[BATCH:]], axis=1), whole(x))


# --- Bidirectional ------------------------------------------------------------------------

MERGED = {
    "concat": lambda a, b: np.concatenate([a, b], axis=-1),
    "sum": lambda a, b: a + b,
    "ave": lambda a, b: (a + b) / 2,
    "mul": lambda a, b: a * b,
}


def both_directions(layer, x):
    """Outputs of both directions in numpy, each in the order of time."""
    weights = layer.get_weights()
    forward = loop("SimpleRNN", weights[:3], x)[0]
    backward = loop("SimpleRNN", weights[3:], x[:, ::-1])[0]
    return forward, backward[:, ::-1]


@pytest.mark.parametrize("merge_mode", MERGED)
def test_bidirectional_joins_two_loops(merge_mode, float64):
    layer = built(Bidirectional(SimpleRNN(UNITS, return_sequences=True), merge_mode), 4, FEATURES)
    x = inputs(BATCH, 4, FEATURES)
    outputs = run(layer, x)
    same(outputs, MERGED[merge_mode](*both_directions(layer, x)))
    assert outputs.shape == (BATCH, *layer.output_shape((4, FEATURES)))


def test_bidirectional_without_sequences_joins_the_end_of_each_loop(float64):
    layer = built(Bidirectional(SimpleRNN(UNITS)), 4, FEATURES)
    x = inputs(BATCH, 4, FEATURES)
    forward, backward = both_directions(layer, x)
    same(run(layer, x), np.concatenate([forward[:, -1], backward[:, 0]], axis=1))


def test_bidirectional_around_a_backward_layer_swaps_the_directions(float64):
    # As in Keras, the second copy's sequence is turned around, not the first one's.
    wrapped = SimpleRNN(UNITS, return_sequences=True, go_backwards=True)
    layer = built(Bidirectional(wrapped), 4, FEATURES)
    x = inputs(BATCH, 4, FEATURES)
    weights = layer.get_weights()
    first = loop("SimpleRNN", weights[:3], x[:, ::-1])[0]
    second = loop("SimpleRNN", weights[3:], x)[0][:, ::-1]
    same(run(layer, x), np.concatenate([first, second], axis=2))


# --- masks --------------------------------------------------------------------------------

LENGTHS = [4, 1, 3]


def padded_inputs(value):
    """Sequences of LENGTHS steps, filled up with `value` to 5 steps."""
    x = inputs(len(LENGTHS), 5, FEATURES)
    for row, length in zip(x, LENGTHS):
        row[length:] = value
    return x


@pytest.mark.parametrize("cell", ["SimpleRNN", "LSTM", "GRU"])
def test_padding_does_not_change_the_last_output(cell, float64):
    model = Sequential([Masking(-9.0, input_shape=(5, FEATURES)), CELLS[cell][0](UNITS)])
    x = padded_inputs(-9.0)
    outputs = model.predict(x)
    for i, length in enumerate(LENGTHS):
        expected = loop(cell, model.get_weights(), x[i : i + 1, :length])[0][:, -1]
        same(outputs[i : i + 1], expected)


def test_padding_does_not_change_a_bidirectional_layer(float64):
    layer = Bidirectional(SimpleRNN(UNITS, return_sequences=True))
    model = Sequential([Masking(-9.0, input_shape=(5, FEATURES)), layer])
    x = padded_inputs(-9.0)
    outputs = model.predict(x)
    for i, length in enumerate(LENGTHS):
        forward, backward = both_directions(layer, x[i : i + 1, :length])
        same(outputs[i, :length], np.concatenate([forward, backward], axis=2)[0])


def test_masks_pass_through_layers_that_return_sequences(float64):
    model = Sequential(
        [
            Masking(-9.0, input_shape=(5, FEATURES)),
            GRU(UNITS, return_sequences=True),
            Dropout(0.5),
            Dense(2),
            SimpleRNN(UNITS),
        ]
    )
    x = padded_inputs(-9.0)
    outputs = model.predict(x)
    weights = model.get_weights()
    for i, length in enumerate(LENGTHS):
        h = loop("GRU", weights[:3], x[i : i + 1, :length])[0]
        h = h @ weights[3] + weights[4]
        same(outputs[i : i + 1], loop("SimpleRNN", weights[5:], h)[0][:, -1])


def test_a_masked_step_repeats_the_output_before_it_and_keeps_the_states(float64):
    layer = make("LSTM", 4, FEATURES, return_sequences=True, return_state=True)
    x = inputs(1, 4, FEATURES)
    mask = np.array([[False, True, False, True]])
    outputs, h, c = run(layer, x, mask=T.constant(mask))
    steps, states = loop("LSTM", layer.get_weights(), x[:, [1, 3]])
    same(outputs[0], [np.zeros(UNITS), steps[0, 0], steps[0, 0], steps[0, 1]])
    same([h, c], states)


def test_masking_skips_only_steps_at_which_all_features_have_the_value(float64):
    layer = built(Masking(7.0), 3, 2)
    x = np.array([[[7.0, 7.0], [7.0, 0.0], [0.0, 0.0]]])
    symbol = T.tensor3("x")
    outputs, mask = function([symbol], [layer(symbol), layer.compute_mask(symbol, None)])(x)
    assert mask.tolist() == [[False, True, True]]
    same(outputs, [[[0.0, 0.0], [7.0, 0.0], [0.0, 0.0]]])


def test_embedding_picks_the_row_of_each_symbol(float64):
    layer = built(Embedding(4, 2), 3)
    symbols = np.array([[0, 3, 1], [2, 2, 0]], dtype="int32")
    same(run(layer, symbols), layer.get_weights()[0][symbols])


def test_embedding_with_mask_zero_skips_symbol_0(float64):
    model = Sequential([Embedding(4, 2, mask_zero=True), GRU(UNITS)])
    table, *weights = model.get_weights()
    outputs = model.predict([[3, 1, 0, 0], [2, 0, 0, 0]])
    same(outputs[:1], loop("GRU", weights, table[np.array([[3, 1]])])[0][:, -1])
    same(outputs[1:], loop("GRU", weights, table[np.array([[2]])])[0][:, -1])


def test_embedding_without_mask_zero_reads_symbol_0_like_any_other(float64):
    model = Sequential([Embedding(4, 2), SimpleRNN(UNITS)])
    table, *weights = model.get_weights()
    expected = loop("SimpleRNN", weights, table[np.array([[3, 0, 0]])])[0][:, -1]
    same(model.predict([[3, 0, 0]]), expected)


# --- Dense and Dropout --------------------------------------------------------------------


def test_dense_works_on_the_last_axis_of_any_rank(float64):
    layer = built(Dense(4, activation="sigmoid"), 3)
    W, b = layer.get_weights()
    for shape in [(2, 3), (2, 5, 3), (2, 1, 2, 3)]:
        x = inputs(*shape)
        same(run(layer, x), sigmoid(x @ W + b))


RATE = 0.25


@pytest.fixture(scope="module")
def dropped():
    """Two draws of dropout on ones (200, 100), and the function that draws."""
    set_random_seed(0)
    x = T.matrix("x")
    layer = Dropout(RATE)
    layer.build((100,))
    draw = function([x], layer(x, training=True))
    ones = floatX(np.ones((200, 100)))
    return draw(ones), draw(ones), draw


def test_dropout_zeroes_the_given_share(dropped):
    assert (dropped[0] == 0).mean() == pytest.approx(RATE, abs=0.02)


def test_dropout_scales_what_is_left_so_that_the_mean_stays(dropped):
    kept = dropped[0][dropped[0] != 0]
    assert kept == pytest.approx(1 / (1 - RATE))


def test_dropout_draws_anew_at_each_step(dropped):
    assert not np.array_equal(dropped[0], dropped[1])


def test_dropout_is_repeated_by_the_same_seed(dropped):
    set_random_seed(0)
    layer = Dropout(RATE)
    layer.build((100,))
    x = T.matrix("x")
    again = function([x], layer(x, training=True))(floatX(np.ones((200, 100))))
    assert np.array_equal(again, dropped[0])


def test_dropout_is_off_outside_training():
    model = Sequential([Dropout(0.9, input_shape=(4,))])
    x = floatX(inputs(5, 4))
    assert np.array_equal(model.predict(x), x)


# --- shapes, parameters, starts -----------------------------------------------------------

COUNTS = [
    (SimpleRNN(5), (7, 3), 5 * (3 + 5 + 1)),
    (LSTM(5), (7, 3), 4 * 5 * (3 + 5 + 1)),
    (GRU(5), (7, 3), 3 * 5 * (3 + 5 + 2)),
    (GRU(5, reset_after=False), (7, 3), 3 * 5 * (3 + 5 + 1)),
    (Bidirectional(LSTM(5)), (7, 3), 2 * 4 * 5 * (3 + 5 + 1)),
    (Dense(5), (7, 3), 5 * (3 + 1)),
    (Embedding(11, 5), (7,), 11 * 5),
    (Dropout(0.5), (7, 3), 0),
    (Masking(), (7, 3), 0),
]


@pytest.mark.parametrize("layer, input_shape, count", COUNTS)
def test_number_of_parameters(layer, input_shape, count):
    layer.build(input_shape)
    assert layer.count_params() == count == sum(w.size for w in layer.get_weights())


SHAPES = [
    (GRU(5), (7, 3), (5,)),
    (GRU(5, return_sequences=True), (7, 3), (7, 5)),
    (GRU(5, return_sequences=True), (None, 3), (None, 5)),
    (Bidirectional(GRU(5)), (7, 3), (10,)),
    (Bidirectional(GRU(5, return_sequences=True), "sum"), (7, 3), (7, 5)),
    (Dense(5), (3,), (5,)),
    (Dense(5), (7, 3), (7, 5)),
    (Embedding(11, 5), (7,), (7, 5)),
    (Dropout(0.5), (7, 3), (7, 3)),
]


@pytest.mark.parametrize("layer, input_shape, expected", SHAPES)
def test_output_shape(layer, input_shape, expected):
    assert layer.output_shape(input_shape) == expected


@pytest.mark.parametrize("bias", [True, False])
def test_the_forget_gate_of_an_lstm_starts_open(bias):
    layer = LSTM(3, unit_forget_bias=bias)
    layer.build((7, 2))
    expected = [0] * 3 + [int(bias)] * 3 + [0] * 6
    assert layer.get_weights()[2].tolist() == expected


def test_chrono_gives_forget_gates_memories_from_1_step_to_the_longest():
    layer = LSTM(1000, chrono=200)
    layer.build((7, 1))
    i, f, g, o = np.split(layer.get_weights()[2], 4)
    steps = np.exp(f)
    assert 1 <= steps.min() < 2 and 197 < steps.max() <= 199
    assert abs(steps.mean() - 100) < 10
    np.testing.assert_array_equal(i, -f)
    assert not g.any() and not o.any()


@pytest.mark.parametrize("reset_after", [True, False])
def test_chrono_gives_update_gates_memories_from_1_step_to_the_longest(reset_after):
    layer = GRU(1000, chrono=200, reset_after=reset_after)
    layer.build((7, 1))
    bias = layer.get_weights()[2]
    row, others = (bias[0], bias[1]) if reset_after else (bias, np.zeros(1))
    steps = np.exp(row[:1000])
    assert 1 <= steps.min() < 2 and 197 < steps.max() <= 199
    assert not row[1000:].any() and not others.any()


def test_chrono_forgets_at_the_rate_it_promises(float64):
    layer = LSTM(2, chrono=50)
    layer.build((3, 1))
    layer.set_weights([w * 0 if w.ndim == 2 else w for w in layer.get_weights()])
    steps = np.exp(layer.get_weights()[2][2:4])
    trace = layer.trace(np.zeros((1, 3, 1)))
    np.testing.assert_allclose(trace["forget gate"][0, 0], steps / (1 + steps))


@pytest.mark.parametrize("layer", [LSTM, GRU])
@pytest.mark.parametrize("chrono", [2, 0, -5, 10.5, True, "long"])
def test_chrono_needs_a_number_of_steps(layer, chrono):
    with pytest.raises(ValueError, match="chrono must be a whole number of at least 3"):
        layer(3, chrono=chrono)


def test_the_recurrent_matrix_starts_orthogonal():
    layer = SimpleRNN(5)
    layer.build((7, 2))
    W_hh = layer.get_weights()[1]
    np.testing.assert_allclose(W_hh @ W_hh.T, np.eye(5), atol=1e-6)


def test_the_recurrent_matrix_of_an_lstm_starts_with_orthonormal_rows():
    layer = LSTM(5)
    layer.build((7, 2))
    W_hh = layer.get_weights()[1]
    np.testing.assert_allclose(W_hh @ W_hh.T, np.eye(5), atol=1e-6)


def test_glorot_uniform_fills_its_interval():
    layer = Dense(60)
    layer.build((40,))
    W, limit = layer.get_weights()[0], np.sqrt(6 / (40 + 60))
    assert 0.99 * limit < abs(W).max() <= limit
    assert abs(W.mean()) < 0.03 * limit


def test_identity_with_relu_is_the_irnn():
    layer = SimpleRNN(3, activation="relu", recurrent_initializer="identity")
    layer.build((7, 2))
    assert np.array_equal(layer.get_weights()[1], np.eye(3))


def test_parameters_are_called_as_in_the_formulas():
    layer = GRU(3)
    layer.build((7, 2))
    assert [w.name for w in layer.weights] == ["W_xh", "W_hh", "b_h"]
    assert layer.cell.weights == [layer.cell.W_xh, layer.cell.W_hh, layer.cell.b_h]


# --- looking inside -----------------------------------------------------------------------


@pytest.mark.parametrize("go_backwards", [False, True])
def test_trace_of_an_lstm_holds_its_equations(go_backwards, float64):
    layer = make("LSTM", TIME, FEATURES, go_backwards=go_backwards)
    x = inputs(BATCH, TIME, FEATURES)
    t = layer.trace(x)
    i, f, o = (t[f"{name} gate"] for name in ("input", "forget", "output"))
    before = np.concatenate([np.zeros((BATCH, 1, UNITS)), t["cell state"][:, :-1]], axis=1)
    np.testing.assert_allclose(t["cell state"], f * before + i * t["candidate"], atol=1e-12)
    np.testing.assert_allclose(t["hidden state"], o * np.tanh(t["cell state"]), atol=1e-12)
    same(t["hidden state"][:, -1], run(layer, x))


def test_trace_of_a_gru_holds_its_equations(float64):
    layer = make("GRU", TIME, FEATURES)
    x = inputs(BATCH, TIME, FEATURES)
    t = layer.trace(x)
    z, h = t["update gate"], t["hidden state"]
    before = np.concatenate([np.zeros((BATCH, 1, UNITS)), h[:, :-1]], axis=1)
    np.testing.assert_allclose(h, z * before + (1 - z) * t["candidate"], atol=1e-12)
    same(h[:, -1], run(layer, x))


def test_trace_works_for_cells_without_a_backward_step(float64):
    layer = make("SimpleRNN", TIME, FEATURES, activation="relu")
    x = inputs(BATCH, TIME, FEATURES)
    same(layer.trace(x)["hidden state"][:, -1], run(layer, x))


def test_trace_says_which_shape_it_needs():
    layer = make("GRU", TIME, FEATURES)
    with pytest.raises(ValueError, match=rf"\(batch, time, {FEATURES}\), got \(3, 4\)"):
        layer.trace(np.zeros((3, 4)))
    with pytest.raises(ValueError, match="has no weights yet"):
        GRU(3).trace(np.zeros((1, TIME, FEATURES)))
