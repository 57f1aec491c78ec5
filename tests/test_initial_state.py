"""The `initial_state` of a recurrent layer: what is taken, and what is refused by name."""

import numpy as np
import pytest

from course_lib.backend import T, function, theano
from course_lib.layers import GRU, LSTM, Bidirectional, ClockworkRNN, SimpleRNN
from tests.test_errors import words
from tests.test_layers import (
    BATCH,
    FEATURES,
    TIME,
    UNITS,
    both_directions,
    built,
    inputs,
    loop,
    make,
    run,
    same,
)

X, STATE = inputs(BATCH, TIME, FEATURES), np.random.default_rng(5).normal(size=(BATCH, UNITS))
WHOLE = np.arange(BATCH * UNITS).reshape(BATCH, UNITS)

TAKEN = {
    "a bare symbol": (T.constant(STATE), STATE),
    "a list of one": ([T.constant(STATE)], STATE),
    "a bare array": (STATE, STATE),
    "an array in a tuple": ((STATE,), STATE),
    "a shared variable": (theano.shared(STATE), STATE),
    "whole numbers": ([WHOLE], WHOLE),
    "symbols of whole numbers": (T.constant(WHOLE), WHOLE),
    "another type of floats": (STATE.astype("float32"), STATE.astype("float32")),
    "nothing": (None, np.zeros((BATCH, UNITS))),
}


@pytest.mark.parametrize("what", TAKEN)
def test_a_layer_with_one_state_starts_from(what, float64):
    given, state = TAKEN[what]
    layer = make("GRU", TIME, FEATURES, return_sequences=True)
    same(run(layer, X, initial_state=given), loop("GRU", layer.get_weights(), X, [state])[0])


def test_states_become_of_the_type_of_the_inputs():
    layer = built(LSTM(UNITS), TIME, FEATURES)
    given = [T.constant(STATE.astype("float64")), WHOLE]
    assert run(layer, X.astype("float32"), initial_state=given).dtype == "float32"


def test_sizes_of_one_are_not_spread(float64):
    layer = make("SimpleRNN", TIME, FEATURES, units=1)
    expected = loop("SimpleRNN", layer.get_weights(), X[:1], [STATE[:1, :1]])[0][:, -1]
    same(run(layer, X[:1], initial_state=STATE[:1, :1]), expected)


@pytest.mark.parametrize("kind", [SimpleRNN, LSTM])
def test_each_direction_of_bidirectional_has_states_of_its_own(kind, float64):
    layer = built(Bidirectional(kind(UNITS, return_sequences=True)), TIME, FEATURES)
    n = len(layer.forward.cell.state_names)
    states = list(inputs(2 * n, BATCH, UNITS))
    weights = layer.get_weights()
    forward = loop(kind.__name__, weights[:3], X, states[:n])[0]
    backward = loop(kind.__name__, weights[3:], X[:, ::-1], states[n:])[0][:, ::-1]
    same(run(layer, X, initial_state=states), np.concatenate([forward, backward], axis=2))


def test_final_states_of_bidirectional_are_a_start_for_it(float64):
    options = {"return_sequences": True, "return_state": True}
    layer = built(Bidirectional(SimpleRNN(UNITS, **options)), TIME, FEATURES)
    first, *states = run(layer, X)
    second, *_ = run(layer, X, initial_state=states)
    forward, backward = both_directions(layer, X)
    same(first, np.concatenate([forward, backward], axis=2))
    expected = loop("SimpleRNN", layer.get_weights()[:3], X, [forward[:, -1]])[0]
    same(second[..., :UNITS], expected)


# --- what is refused when the graph is made -----------------------------------------------

ONE = "must be a list of 1: hidden state (batch, 3)"
TWO = "must be a list of 2: hidden state (batch, 3), cell state (batch, 3)"
WIDE = np.zeros((BATCH, 4))
REFUSED = {
    "LSTM: a bare symbol": (LSTM, T.matrix(), [TWO, "got (?, ?) of "]),
    "LSTM: a list of one": (LSTM, [T.matrix()], [TWO, "got [(?, ?) of "]),
    "LSTM: three": (LSTM, [STATE] * 3, [TWO, "got [(3, 3) of float64, (3, 3) of float64, "]),
    "LSTM: one None": (LSTM, [STATE, None], [TWO, "got [(3, 3) of float64, None]"]),
    "LSTM: both in one array": (LSTM, np.stack([STATE] * 2), [TWO, "got (2, 3, 3) of float64"]),
    "LSTM: a wrong rank": (LSTM, [T.matrix(), T.tensor3()], [TWO, "got [(?, ?) of ", "(?, ?, ?)"]),
    "LSTM: one is wider": (LSTM, [STATE, WIDE], [TWO, "(3, 3) of float64, (3, 4) of float64]"]),
    "GRU: an empty list": (GRU, [], [ONE, "got []"]),
    "GRU: None in a list": (GRU, [None], [ONE, "got [None]"]),
    "GRU: a number": (GRU, 0.5, [ONE, "got 0.5"]),
    "GRU: a number in a list": (GRU, [0], [ONE, "got [0]"]),
    "GRU: a vector": (GRU, [T.vector()], [ONE, "got [(?) of "]),
    "GRU: a row of numbers": (GRU, [[0, 0, 0]], [ONE, "got [[0, 0, 0]]"]),
    "GRU: text": (GRU, "zeros", [ONE, "got 'zeros'"]),
    "GRU: an array of text": (GRU, np.array([["a"] * 3]), [ONE, "array([['a', 'a', 'a']]"]),
    "GRU: complex numbers": (GRU, STATE + 1j, [ONE, "got array("]),
    "GRU: too narrow": (GRU, STATE[:, :2], [ONE, "got (3, 2) of float64"]),
    "GRU: a constant too wide": (GRU, T.constant(WIDE), [ONE, "got (3, 4) of float64"]),
    "GRU: NaN": (GRU, np.full((3, 3), np.nan), ["'gru'", "NaN", "(0, 0)"]),
    "ClockworkRNN: no clock": (
        lambda units: ClockworkRNN(units, groups=1),
        T.matrix(),
        ["'clockwork_rnn'", "must be a list of 2: hidden state (batch, 3), clock (batch)"],
    ),
    "Bidirectional: half": (
        lambda units: Bidirectional(LSTM(units)),
        [STATE] * 2,
        ["Bidirectional 'bidirectional' must be a list of 4", "forwards", "got a list of 2"],
    ),
    "Bidirectional: a bare symbol": (
        lambda units: Bidirectional(GRU(units)),
        T.matrix(),
        ["must be a list of 2", "got no list"],
    ),
    "Bidirectional: too wide": (
        lambda units: Bidirectional(GRU(units)),
        [STATE, WIDE],
        ["GRU 'gru'", ONE, "got [(3, 4) of float64]"],
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_initial_state_that_does_not_fit_is_refused(what):
    kind, state, expected = REFUSED[what]
    layer = kind(UNITS)
    layer.build((TIME, FEATURES))
    words(lambda: layer(T.tensor3(), initial_state=state), *expected)


# --- what shows only when the function runs -----------------------------------------------


@pytest.mark.parametrize("shape", [(BATCH, 4), (1, UNITS), (BATCH + 1, UNITS)])
def test_sizes_of_a_symbol_that_do_not_fit_are_named_when_the_function_runs(shape, float64):
    layer, x, state = make("GRU", TIME, FEATURES), T.tensor3(), T.matrix()
    compiled = function([x, state], layer(x, initial_state=state))
    words(
        lambda: compiled(X, np.zeros(shape)),
        *("hidden state in initial_state of GRU 'gru'", "(batch, 3)", f"got {shape}"),
    )


def test_a_decoder_of_another_width_than_its_encoder_is_named(float64):
    encoder = built(LSTM(4, return_state=True), TIME, FEATURES)
    decoder, x = built(LSTM(UNITS, name="decoder"), TIME, FEATURES), T.tensor3()
    compiled = function([x], decoder(x, initial_state=encoder(x)[1:]))
    words(lambda: compiled(X), "LSTM 'decoder'", "(batch, 3)", f"got {(BATCH, 4)}")


def test_the_gradient_of_a_given_state_passes_the_check(float64):
    layer, x, state = make("SimpleRNN", 1, FEATURES), T.tensor3(), T.matrix()
    out = layer(x, initial_state=state)
    out, gradient = function([x, state], [out, theano.grad(out.sum(), state)])(X[:, :1], STATE)
    same(gradient, (1 - out**2) @ layer.get_weights()[1].T)
