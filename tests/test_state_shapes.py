"""A state may be a matrix: shown with a cell of that kind, which the course does not have.

A fast weight memory (Schmidhuber, 1992), today called linear attention (Katharopoulos et al.,
2020), whose queries see the hidden state:

    k_t, v_t, q_t = x_t W_xh + (0, 0, h_{t-1} W_hh)
    S_t = S_{t-1} + k_t v_t^T
    h_t = q_t S_t
"""

import numpy as np
import pytest

from course_lib import layers
from course_lib.backend import T, floatX, function, new_rng, shared, theano
from course_lib.cells import Cell
from course_lib.gradients import numerical_gradient, relative_error, state_gradient_norms
from course_lib.layers import Bidirectional, Dense, Embedding, Masking, Recurrent
from course_lib.models import Sequential, load_model
from course_lib.text import StepByStep

BATCH, TIME, FEATURES, KEYS, UNITS = 3, 5, 2, 2, 4
rng = np.random.default_rng(3)
X = rng.normal(size=(BATCH, TIME, FEATURES))
REAL = np.array([[1, 1, 1, 1, 1], [1, 0, 1, 1, 0], [0, 1, 0, 0, 0]], dtype=bool)


def column(x):
    return x.dimshuffle(0, 1, "x")


def row(x):
    return x.dimshuffle(0, "x", 1)


class MatrixCell(Cell):
    """The formula above. A memory (keys, units) for every sample."""

    state_names = ("hidden state", "memory")

    def __init__(self, units, keys=KEYS, **options):
        super().__init__(units, **options)
        self.keys = keys

    @property
    def state_shapes(self):
        return [(self.units,), (self.keys, self.units)]

    def build(self, features):
        draw, columns = new_rng(), 2 * self.keys + self.units
        self.W_xh = shared(floatX(draw.normal(0, 0.3, (features, columns))), "W_xh")
        self.W_hh = shared(floatX(draw.normal(0, 0.3, (self.units, self.keys))), "W_hh")
        self.b_h = shared(floatX(np.zeros(columns)), "b_h")

    def split(self, xp_t):
        return xp_t[:, : self.keys], xp_t[:, self.keys : -self.keys], xp_t[:, -self.keys :]

    def step(self, xp_t, h, S, W_hh):
        k, v, q = self.split(xp_t)
        q = q + T.dot(h, W_hh)
        S = S + column(k) * row(v)
        return [(column(q) * S).sum(axis=1), S], []


class MatrixCellWithWayBack(MatrixCell):
    """The same, with the chain rule written out."""

    kept = ("key", "value", "query", "memory after")
    products = 2

    def step(self, xp_t, h, S, W_hh):
        (h_new, S_new), _ = super().step(xp_t, h, S, W_hh)
        k, v, q = self.split(xp_t)
        return [h_new, S_new], [k, v, q + T.dot(h, W_hh), S_new]

    def backward_step(self, d_states, old_states, kept, W_hh):
        (d_h, d_S), (k, v, q, S) = d_states, kept
        d_q = (S * row(d_h)).sum(axis=2)
        d_S = d_S + column(q) * row(d_h)
        d_projected = [(d_S * row(v)).sum(axis=2), (d_S * column(k)).sum(axis=1), d_q]
        return [T.dot(d_q, W_hh.T), d_S], [T.concatenate(d_projected, axis=1), d_q]


class MatrixLayer(Recurrent):
    """A layer of `MatrixCell`."""

    cell_class = MatrixCell


class MatrixLayerWithWayBack(Recurrent):
    """A layer of `MatrixCellWithWayBack`."""

    cell_class = MatrixCellWithWayBack


def loop(x, real, W_xh, W_hh, b_h):
    """Outputs (batch, time, units), and the memories at the end, sample by sample in numpy."""
    outputs, memories = [], []
    for sequence, counts in zip(x, real):
        h, S, hs = np.zeros(len(W_hh)), np.zeros(W_hh.shape[::-1]), []
        for x_t, counted in zip(sequence, counts):
            if counted:
                keys = W_hh.shape[1]
                k, v, q = np.split(x_t @ W_xh + b_h, [keys, -keys])
                S = S + np.outer(k, v)
                h = (q + h @ W_hh) @ S
            hs.append(h)
        outputs.append(hs)
        memories.append(S)
    return np.array(outputs), np.array(memories)


def built(kind=MatrixLayer, features=FEATURES, units=UNITS, **options):
    """A layer with weights, biases included, that are no special case."""
    layer = kind(units, **options)
    layer.build((None, features))
    draw = np.random.default_rng(1)
    layer.set_weights([draw.normal(0, 0.5, w.shape) for w in layer.get_weights()])
    return layer


def same(ours, expected):
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-10)


EVERYTHING = {"return_sequences": True, "return_state": True}


@pytest.mark.parametrize("go_backwards", [False, True])
def test_outputs_states_and_both_ways_back_under_a_mask(go_backwards, float64):
    x, mask = T.tensor3("x"), T.matrix("mask", dtype="bool")
    w_y, w_S = rng.normal(size=(BATCH, TIME, UNITS)), rng.normal(size=(BATCH, KEYS, UNITS))
    results = []
    for kind in (MatrixLayer, MatrixLayerWithWayBack):
        layer = built(kind, go_backwards=go_backwards, **EVERYTHING)
        assert layer.cell.knows_backward_step == (kind is MatrixLayerWithWayBack)
        y, h, S = layer(x, mask=mask)
        loss = (y * w_y).sum() + (T.sqr(S) * w_S).sum()
        results.append([y, h, S, *theano.grad(loss, [x, *layer.weights])])
    run = function([x, mask], [loss, *results[0], *results[1]])
    first = run(X, REAL)[1:]
    n = len(results[0])
    turn = slice(None, None, -1 if go_backwards else 1)
    y, S = loop(X[:, turn], REAL[:, turn], *layer.get_weights())
    for ours, expected in zip(first, [y, y[:, -1], S]):
        same(ours, expected)
    for ours, by_hand in zip(first[:n], first[n:]):
        same(by_hand, ours)
    for weight, gradient in zip(layer.weights, first[-3:]):
        value = weight.get_value()

        def at(changed, weight=weight):
            weight.set_value(changed)
            return run(X, REAL)[0]

        expected = numerical_gradient(at, value)
        weight.set_value(value)
        assert relative_error(gradient, expected) < 1e-7


def test_sizes_of_one_are_no_special_case(float64):
    layer = built(units=1, keys=1, features=1, **EVERYTHING)
    x = T.tensor3("x")
    y, h, S = function([x], layer(x))(X[:1, :, :1])
    outputs, memory = loop(X[:1, :, :1], REAL[:1], *layer.get_weights())
    same(y, outputs)
    same(S, memory)


def test_a_loop_can_start_from_given_states(float64):
    layer = built(**EVERYTHING)
    x = T.tensor3("x")
    whole, *last = layer(x)
    first, *states = layer(x[:, :2])
    second, *again = layer(x[:, 2:], initial_state=states)
    whole, first, second, S, S_again = function([x], [whole, first, second, last[1], again[1]])(X)
    same(np.concatenate([first, second], axis=1), whole)
    same(S_again, S)


def test_a_stateful_layer_carries_its_matrix_from_batch_to_batch(float64):
    model = Sequential([built(stateful=True, return_sequences=True)])
    expected, memory = loop(X, np.ones_like(REAL), *model.get_weights())
    halves = [model.predict(part, batch_size=BATCH) for part in (X[:, :2], X[:, 2:])]
    same(np.concatenate(halves, axis=1), expected)
    carried = model.layers[0].states[1]
    same(carried.get_value(), memory)
    model.reset_states()
    assert carried.get_value().shape == (BATCH, KEYS, UNITS) and not carried.get_value().any()


def test_a_trace_has_the_matrix_of_every_step(float64):
    layer = built(MatrixLayerWithWayBack)
    trace = layer.trace(X)
    outer = trace["key"][..., :, None] * trace["value"][..., None, :]
    assert trace["memory"].shape == (BATCH, TIME, KEYS, UNITS)
    same(trace["memory"], np.cumsum(outer, axis=1))
    same(trace["hidden state"], np.einsum("btk,btku->btu", trace["query"], trace["memory"]))


@pytest.mark.parametrize("wrap", [lambda layer: layer, Bidirectional], ids=["alone", "both ways"])
def test_a_model_is_trained_below_masking_and_saved(wrap, tmp_path, monkeypatch):
    monkeypatch.setattr(layers, "MatrixLayer", MatrixLayer, raising=False)
    recurrent = wrap(MatrixLayer(UNITS, keys=3))
    model = Sequential([Masking(input_shape=(TIME, FEATURES)), recurrent, Dense(1)])
    model.compile("adam", "mse")
    x = X * REAL[..., None]
    history = model.fit(x, np.ones((BATCH, 1)), epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
    model.save(tmp_path / "model.npz")
    copy = load_model(tmp_path / "model.npz")
    np.testing.assert_allclose(copy.predict(x), model.predict(x), rtol=1e-4)


def test_symbols_can_be_read_one_after_the_other(float64):
    stack = [Embedding(3, FEATURES), MatrixLayer(UNITS, return_sequences=True)]
    model = Sequential([*stack, Dense(3, activation="softmax")])
    model.build((None,))
    symbols = [0, 2, 1, 1]
    same(StepByStep(model).read(symbols), model.predict(np.array([symbols]))[0])


def test_gradients_with_respect_to_the_matrix_of_every_step(float64):
    """By finite differences: of the loss when something is added to one number of S_t."""
    model = Sequential([built(), Dense(1)])
    model.compile("adam", "mse")
    y = np.ones((BATCH, 1))
    norms = state_gradient_norms(model, X, y, state="memory")
    W_xh, W_hh, b_h, W, b = model.get_weights()

    def loss(sequence, added, t):
        h, S = np.zeros(UNITS), np.zeros((KEYS, UNITS))
        for s, x_s in enumerate(sequence):
            k, v, q = np.split(x_s @ W_xh + b_h, [KEYS, -KEYS])
            S = S + np.outer(k, v)
            h = (q + h @ W_hh) @ S
            if s == t:
                S = S + added
        return ((h @ W + b - 1) ** 2).item()

    for t in range(TIME):
        gradients = [
            numerical_gradient(lambda added, x=x, t=t: loss(x, added, t), np.zeros((KEYS, UNITS)))
            for x in X
        ]
        assert norms[t] == pytest.approx(np.mean([np.linalg.norm(g) for g in gradients]), rel=1e-5)


def test_zoneout_is_refused():
    with pytest.raises(ValueError, match=r"MatrixLayer has .*memory \(2, 4\); zoneout must be 0"):
        MatrixLayer(UNITS, zoneout=0.1)
