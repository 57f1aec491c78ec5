"""Gradients by hand, by finite differences, and by theano.grad are the same gradients."""

import numpy as np
import pytest

from course_lib import gradients, layers, recurrence
from course_lib.backend import T, floatX, function, theano
from course_lib.layers import (
    GRU,
    LSTM,
    AttentionDecoder,
    Bidirectional,
    ClockworkRNN,
    Dense,
    Embedding,
    Masking,
    MinGRU,
    SimpleRNN,
)
from course_lib.losses import SparseCategoricalCrossentropy
from course_lib.models import Sequential
from course_lib.optimizers import SGD

BATCH, TIME, FEATURES, UNITS = 3, 6, 2, 4
every_cell = pytest.mark.parametrize("cell", ["SimpleRNN", "LSTM", "GRU"])
ACTIVATIONS = [
    {},
    {"activation": "relu"},
    {"activation": "linear", "recurrent_activation": "tanh"},
    {"activation": "sigmoid"},
]


def random(*shape):
    return floatX(np.random.default_rng(len(shape)).standard_normal(shape))


def built(cell, **options):
    layer = getattr(layers, cell)(UNITS, return_sequences=True, **options)
    layer.build((TIME, FEATURES))
    layer.set_weights([random(*w.shape) * 0.5 for w in layer.get_weights()])
    return layer


# --- finite differences -------------------------------------------------------------------


def test_numerical_gradient_of_a_cubic():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    result = gradients.numerical_gradient(lambda a: (a**3).sum(), x)
    np.testing.assert_allclose(result, 3 * x**2, rtol=1e-8)


def test_numerical_gradient_leaves_its_argument_as_it_was():
    x = np.array([1.0, 2.0])
    gradients.numerical_gradient(lambda a: a.sum(), x)
    assert x.tolist() == [1.0, 2.0]


def test_numerical_gradient_counts_in_float64_whatever_it_is_given():
    result = gradients.numerical_gradient(np.sum, np.ones(2, dtype="float32"))
    assert result.dtype == "float64"
    np.testing.assert_allclose(result, 1, rtol=1e-9)


@pytest.mark.parametrize("epsilon", [0, -1e-5, "small"])
def test_numerical_gradient_refuses_a_step_that_is_none(epsilon):
    with pytest.raises(ValueError, match="epsilon must be a number"):
        gradients.numerical_gradient(np.sum, np.ones(2), epsilon)


def test_relative_error_is_0_for_equal_and_1_for_a_gradient_of_zeros():
    g = np.array([3.0, 4.0])
    assert gradients.relative_error(g, g) == 0
    assert gradients.relative_error(np.zeros(2), g) == 1


def test_relative_error_refuses_two_shapes():
    with pytest.raises(ValueError, match=r"one shape, got \(2,\) and \(3,\)"):
        gradients.relative_error(np.zeros(2), np.ones(3))


def test_relative_error_needs_something_to_compare_with():
    with pytest.raises(ValueError, match="all zero"):
        gradients.relative_error(np.ones(2), np.zeros(2))


# --- backpropagation through time -----------------------------------------------------------


def by_hand(layer, x, d_states, **options):
    symbols = [T.tensor3(), T.tensor3()]
    return function(symbols, gradients.bptt(layer, *symbols, **options))(x, d_states)


def by_theano(layer, x, d_states, monkeypatch):
    """theano.grad of the forward scan itself, without the cell's backward step."""
    monkeypatch.setattr(type(layer.cell), "knows_backward_step", False)
    symbols = [T.tensor3(), T.tensor3()]
    loss = (layer(symbols[0]) * symbols[1]).sum()
    return function(symbols, theano.grad(loss, layer.weights))(x, d_states)


@every_cell
@pytest.mark.parametrize("options", [*ACTIVATIONS, {"go_backwards": True}])
def test_bptt_agrees_with_theano_grad(cell, options, float64, monkeypatch):
    layer = built(cell, **options)
    x, d_states = random(BATCH, TIME, FEATURES), random(TIME, BATCH, UNITS).transpose(1, 0, 2)
    mine = by_hand(layer, x, d_states)
    theirs = by_theano(layer, x, d_states, monkeypatch)
    assert [g.shape for g in mine] == [w.shape for w in layer.get_weights()]
    for a, b in zip(mine, theirs):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


@every_cell
def test_bptt_agrees_with_central_differences(cell, float64):
    layer = built(cell)
    x, d_states = random(BATCH, TIME, FEATURES), random(BATCH, TIME, UNITS)
    symbol = T.tensor3()
    run = function([symbol], layer(symbol))
    for weight, gradient in zip(layer.weights, by_hand(layer, x, d_states)):
        start = weight.get_value()

        def loss(value, weight=weight):
            weight.set_value(value)
            return (run(x) * d_states).sum()

        numerical = gradients.numerical_gradient(loss, start)
        weight.set_value(start)
        assert gradients.relative_error(gradient, numerical) < 1e-7


@every_cell
def test_bptt_of_one_sample(cell, float64, monkeypatch):
    layer = built(cell)
    x, d_states = random(1, TIME, FEATURES), random(1, TIME, UNITS)
    theirs = by_theano(layer, x, d_states, monkeypatch)
    monkeypatch.undo()
    for a, b in zip(by_hand(layer, x, d_states), theirs):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


@every_cell
def test_truncation_as_long_as_the_sequence_changes_nothing(cell, float64):
    layer = built(cell)
    arrays = random(BATCH, TIME, FEATURES), random(BATCH, TIME, UNITS)
    full, truncated = by_hand(layer, *arrays), by_hand(layer, *arrays, truncation=TIME)
    for a, b in zip(full, truncated):
        np.testing.assert_array_equal(a, b)


@every_cell
@pytest.mark.parametrize("truncation", [1, 2, 4])
def test_truncation_is_the_gradient_with_the_old_states_as_constants(cell, truncation, float64):
    """Cut the sequence from its end; each piece starts from the states, not from their past."""
    layer = built(cell, return_state=True)
    x, d_states = random(BATCH, TIME, FEATURES), random(BATCH, TIME, UNITS)
    cuts = [0, *sorted(range(TIME - truncation, 0, -truncation)), TIME]
    states, loss = layer.cell.initial_states(BATCH, "float64"), 0
    for start, end in zip(cuts, cuts[1:]):
        outputs, *states = layer.call(T.constant(x[:, start:end]), initial_state=states)
        states = [theano.gradient.disconnected_grad(s) for s in states]
        loss += (outputs * d_states[:, start:end]).sum()
    wanted = function([], theano.grad(loss, layer.weights))()
    for a, b in zip(by_hand(layer, x, d_states, truncation=truncation), wanted):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


@pytest.mark.parametrize("truncation", [0, -1, 2.5, True])
def test_bptt_refuses_a_truncation_of_less_than_one_step(truncation):
    with pytest.raises(ValueError, match="truncation must be a whole number of at least 1"):
        gradients.bptt(built("SimpleRNN"), T.tensor3(), T.tensor3(), truncation=truncation)


@pytest.mark.parametrize(
    "layer",
    [Dense(3), Bidirectional(LSTM(3)), GRU(3, reset_after=False), SimpleRNN(3, activation=T.exp)],
    ids=lambda layer: type(layer).__name__,
)
def test_bptt_says_which_layers_it_knows(layer):
    with pytest.raises(ValueError, match="bptt needs a SimpleRNN, an LSTM, or a GRU"):
        gradients.bptt(layer, T.tensor3(), T.tensor3())


# --- gradients over time --------------------------------------------------------------------


def compiled(*stack, loss="mse"):
    model = Sequential(stack)
    model.compile(SGD(learning_rate=0.1), loss=loss)
    return model


def norms_by_restarting(model, x, y, which):
    """dLoss/dstate_t by finite differences: start the rest of the sequence from each state."""
    layer, dense = model.layers
    symbol, starts = T.tensor3(), [T.matrix() for _ in layer.cell.state_names]
    projected = layer.cell.project(symbol.dimshuffle(1, 0, 2))
    outputs = recurrence.forward(layer.cell, [projected, *starts, *layer.cell.recurrent_weights], 0)
    run = function([symbol, *starts], outputs[: len(starts)], on_unused_input="ignore")
    W, b = dense.get_weights()
    states = run(x, *layer.cell.initial_values(BATCH))
    norms = []
    for t in range(x.shape[1]):
        at_t = [s[t] for s in states]

        def loss(value, at_t=at_t, t=t):
            now = [value if i == which else s for i, s in enumerate(at_t)]
            h = run(x[:, t + 1 :], *now)[0][-1] if t + 1 < x.shape[1] else now[0]
            return ((h @ W + b - y) ** 2).mean(axis=1).sum()

        gradient = gradients.numerical_gradient(loss, at_t[which])
        norms.append(np.linalg.norm(gradient, axis=1).mean())
    return norms


@pytest.mark.parametrize("cell, state", [("SimpleRNN", "h"), ("GRU", "h"), ("LSTM", "h")])
def test_state_gradient_norms_are_those_of_restarted_sequences(cell, state, float64):
    model = compiled(getattr(layers, cell)(UNITS, input_shape=(TIME, FEATURES)), Dense(2))
    x, y = random(BATCH, TIME, FEATURES), random(BATCH, 2)
    norms = gradients.state_gradient_norms(model, x, y, state=state)
    np.testing.assert_allclose(norms, norms_by_restarting(model, x, y, 0), rtol=1e-6)


def test_state_gradient_norms_of_the_cell_state(float64):
    model = compiled(LSTM(UNITS, input_shape=(TIME, FEATURES)), Dense(2))
    x, y = random(BATCH, TIME, FEATURES), random(BATCH, 2)
    norms = gradients.state_gradient_norms(model, x, y, state="c")
    # The last cell state reaches the loss only by way of the h made from it.
    np.testing.assert_allclose(norms[:-1], norms_by_restarting(model, x, y, 1)[:-1], rtol=1e-6)
    assert norms[-1] == 0


def test_state_gradient_norms_of_a_parallel_layer_are_those_of_its_loop(float64):
    x, y, norms = random(BATCH, TIME, FEATURES), random(BATCH, 1), []
    for parallel in (False, True):
        layer = MinGRU(UNITS, parallel=parallel, input_shape=(TIME, FEATURES))
        model = compiled(layer, Dense(1))
        model.set_weights([random(*w.shape) for w in model.get_weights()])
        norms.append(gradients.state_gradient_norms(model, x, y))
    np.testing.assert_allclose(*norms, rtol=1e-10)


def test_state_gradient_norms_with_zoneout_are_those_of_the_state_handed_on(float64):
    model = compiled(GRU(UNITS, zoneout=0.4, input_shape=(TIME, FEATURES)), Dense(2))
    x, y = random(BATCH, TIME, FEATURES), random(BATCH, 2)
    d_last = (model.predict(x) - y) @ model.get_weights()[-2].T  # the loss is a mean of 2 squares
    norms = gradients.state_gradient_norms(model, x, y)
    np.testing.assert_allclose(norms[-1], np.linalg.norm(d_last, axis=1).mean(), rtol=1e-10)


def test_state_gradient_norms_of_a_model_that_reads_symbols():
    model = compiled(Embedding(3, FEATURES), SimpleRNN(UNITS), Dense(1))
    norms = gradients.state_gradient_norms(model, np.ones((BATCH, TIME)), random(BATCH, 1))
    assert norms.shape == (TIME,) and (norms > 0).all()


def test_state_gradient_norms_of_a_state_that_is_one_number_per_sample():
    model = compiled(ClockworkRNN(UNITS, input_shape=(TIME, FEATURES)), Dense(1))
    x, y = random(BATCH, TIME, FEATURES), random(BATCH, 1)
    norms = gradients.state_gradient_norms(model, x, y, state="clock")
    assert norms.tolist() == [0] * TIME  # it only ticks


def test_state_gradient_norms_leave_the_model_as_it_was():
    model = compiled(GRU(UNITS, input_shape=(TIME, FEATURES)), Dense(1))
    x, y = random(BATCH, TIME, FEATURES), random(BATCH, 1)
    cell, before = model.layers[0].cell, model.predict(x)
    gradients.state_gradient_norms(model, x, y)
    assert model.layers[0].cell is cell
    np.testing.assert_array_equal(model.predict(x), before)


def test_state_gradient_norms_follow_the_weights():
    model = compiled(SimpleRNN(UNITS, input_shape=(TIME, FEATURES)), Dense(1))
    x, y = random(BATCH, TIME, FEATURES), random(BATCH, 1)
    before = gradients.state_gradient_norms(model, x, y)
    model.reset_weights()
    assert not np.allclose(gradients.state_gradient_norms(model, x, y), before)


def test_state_gradient_norms_are_0_at_masked_steps():
    model = compiled(Masking(input_shape=(TIME, FEATURES)), GRU(UNITS), Dense(1))
    x = random(BATCH, TIME, FEATURES)
    x[:, 4:] = 0
    norms = gradients.state_gradient_norms(model, x, random(BATCH, 1))
    assert (norms[4:] == 0).all()
    assert (norms[:4] > 0).all()


def test_state_gradient_norms_of_a_chosen_layer():
    model = compiled(
        GRU(UNITS, return_sequences=True, input_shape=(TIME, FEATURES)), SimpleRNN(3), Dense(1)
    )
    x, y = random(BATCH, TIME, FEATURES), random(BATCH, 1)
    first = gradients.state_gradient_norms(model, x, y)
    second = gradients.state_gradient_norms(model, x, y, layer=model.layers[1].name)
    assert not np.allclose(first, second)


def test_state_gradient_norms_of_a_decoder_are_those_of_the_loss_that_evaluate_gives(float64):
    # A linear layer whose W_xh is 1 adds a change of its input to its state as it is.
    encoder = SimpleRNN(UNITS, "linear", return_sequences=True, input_shape=(TIME, UNITS))
    model = Sequential([encoder, AttentionDecoder(4, 3, UNITS)])
    model.compile("sgd", SparseCategoricalCrossentropy(from_logits=True))
    encoder.set_weights([np.eye(UNITS), random(UNITS, UNITS), np.zeros(UNITS)])
    x, y = random(1, TIME, UNITS), [[2, 1, 3]]
    gradient = gradients.numerical_gradient(lambda x: model.evaluate(x, y, batch_size=1), x)
    norms = gradients.state_gradient_norms(model, x, y)
    np.testing.assert_allclose(norms, np.linalg.norm(gradient[0], axis=1), rtol=1e-6)


def test_state_gradient_norms_need_a_recurrent_layer():
    model = compiled(Dense(2, input_shape=(FEATURES,)))
    with pytest.raises(ValueError, match="needs a model with a recurrent layer.*has Dense"):
        gradients.state_gradient_norms(model, random(BATCH, FEATURES), random(BATCH, 2))


def test_state_gradient_norms_say_which_layers_and_states_there_are():
    model = compiled(GRU(UNITS, input_shape=(TIME, FEATURES)), Dense(1))
    x, y = random(BATCH, TIME, FEATURES), random(BATCH, 1)
    with pytest.raises(ValueError, match="unknown layer 'dense'; choose one of gru"):
        gradients.state_gradient_norms(model, x, y, layer="dense")
    with pytest.raises(ValueError, match="unknown state 'c'; choose one of h"):
        gradients.state_gradient_norms(model, x, y, state="c")


def test_state_gradient_norms_need_a_loss():
    model = Sequential([GRU(UNITS, input_shape=(TIME, FEATURES)), Dense(1)])
    with pytest.raises(ValueError, match="needs a loss"):
        gradients.state_gradient_norms(model, random(BATCH, TIME, FEATURES), random(BATCH, 1))


# --- gradients during training ----------------------------------------------------------------


def test_gradient_norms_are_the_length_of_each_step_of_plain_descent(float64):
    model = compiled(SimpleRNN(UNITS, input_shape=(TIME, FEATURES)), Dense(1))
    before = model.get_weights()
    callback = gradients.GradientNorms()
    model.fit(random(BATCH, TIME, FEATURES), random(BATCH, 1), verbose=0, callbacks=[callback])
    moved = [a - b for a, b in zip(model.get_weights(), before)]
    length = np.sqrt(sum((m**2).sum() for m in moved))
    np.testing.assert_allclose(callback.norms, [length / 0.1], rtol=1e-10)


def test_gradient_norms_are_taken_before_clipping(float64):
    def norms(**clipping):
        model = Sequential([SimpleRNN(UNITS, input_shape=(TIME, FEATURES)), Dense(1)])
        model.set_weights([random(*w.shape) for w in model.get_weights()])
        model.compile(SGD(**clipping), loss="mse")
        callback = gradients.GradientNorms()
        model.fit(random(BATCH, TIME, FEATURES), random(BATCH, 1), verbose=0, callbacks=[callback])
        return callback.norms

    np.testing.assert_allclose(norms(global_clipnorm=1e-3), norms())


def test_gradient_norms_has_one_number_per_training_step():
    model = compiled(SimpleRNN(UNITS, input_shape=(TIME, FEATURES)), Dense(1))
    callback = gradients.GradientNorms()
    x, y = random(5, TIME, FEATURES), random(5, 1)
    model.fit(x, y, batch_size=2, epochs=3, verbose=0, callbacks=[callback])
    assert len(callback.norms) == 9
    assert np.isfinite(callback.norms).all()


# --- matrices ---------------------------------------------------------------------------------


def test_spectral_radius_and_largest_singular_value_differ_where_a_matrix_shears():
    W = np.array([[0.5, 3.0], [0.0, 0.5]])
    assert gradients.spectral_radius(W) == pytest.approx(0.5)
    assert gradients.largest_singular_value(W) > 3


def test_spectral_radius_of_a_rotation_is_1():
    W = 2 * np.array([[0.6, -0.8], [0.8, 0.6]])
    assert gradients.spectral_radius(W) == pytest.approx(2)
    assert gradients.largest_singular_value(W) == pytest.approx(2)


@pytest.mark.parametrize("measure", [gradients.spectral_radius, gradients.largest_singular_value])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 2, 2)])
def test_only_square_matrices_have_a_spectral_radius(measure, shape):
    with pytest.raises(ValueError, match="W must be a square matrix"):
        measure(np.ones(shape))
