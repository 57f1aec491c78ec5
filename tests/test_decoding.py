"""The encoder-decoder: attention by its formula, and the search for the best target."""

from itertools import product

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from course_lib.backend import T, function, set_random_seed, theano
from course_lib.decoding import beam_search, greedy, until_nothing
from course_lib.layers import GRU, AttentionDecoder, Bidirectional, Dense, Embedding
from course_lib.losses import SparseCategoricalCrossentropy
from course_lib.models import Sequential, load_model

SYMBOLS, STEPS, SOURCE, FEATURES, UNITS = 3, 3, 5, 4, 6
X = np.array([[3, 1, 2, 0, 0], [1, 1, 3, 2, 3]])
MASK = X != 0


def translator(attention=True, symbols=SYMBOLS, steps=STEPS):
    set_random_seed(1)
    model = Sequential(
        [
            Embedding(4, 3, mask_zero=True, input_shape=(SOURCE,)),
            Bidirectional(GRU(2, return_sequences=True)),
            AttentionDecoder(symbols, steps, UNITS, embedding_dim=2, attention=attention),
        ]
    )
    model.compile("adam", SparseCategoricalCrossentropy(from_logits=True))
    draw = np.random.default_rng(0)
    model.set_weights([draw.normal(size=w.shape) for w in model.get_weights()])
    return model


def logistic(x):
    return 1 / (1 + np.exp(-x))


def by_hand(decoder, memory, readable, targets):
    """Logits (steps, symbols) and attention (steps, source) of one sample, in numpy."""
    E, W, U, b, W_query, W_memory, v, W_out, b_out = decoder.get_weights()
    state, last, logits, attention = np.zeros(UNITS), 0, [], []
    for target in targets:
        energy = np.tanh(state @ W_query + memory @ W_memory) @ v[:, 0]
        weights = softmax(np.where(readable, energy, -np.inf))
        context = weights @ memory
        x_z, x_r, x_h = np.split(np.append(E[last], context) @ W + b[0], 3)
        h_z, h_r, h_h = np.split(state @ U + b[1], 3)
        z, r = logistic(x_z + h_z), logistic(x_r + h_r)
        state = z * state + (1 - z) * np.tanh(x_h + r * h_h)
        logits.append(np.append(state, context) @ W_out + b_out)
        attention.append(weights)
        last = target
    return np.array(logits), np.array(attention)


def test_with_targets_each_step_reads_the_symbol_that_should_have_been():
    with theano.config.change_flags(floatX="float64"):
        decoder = AttentionDecoder(SYMBOLS, STEPS, UNITS, embedding_dim=2)
        decoder.build((SOURCE, FEATURES))
        draw = np.random.default_rng(0)
        decoder.set_weights([draw.normal(size=w.shape) for w in decoder.get_weights()])
        memory, targets = draw.normal(size=(2, SOURCE, FEATURES)), np.array([[2, 1, 0], [1, 2, 2]])
        x, mask, y = T.tensor3("x"), T.bmatrix("mask"), T.lmatrix("y")
        logits = function([x, mask, y], decoder(x, mask=mask, targets=y))(memory, MASK, targets)
    for i in range(2):
        expected, _ = by_hand(decoder, memory[i], MASK[i], targets[i])
        np.testing.assert_allclose(logits[i], expected, atol=1e-10)


@pytest.fixture(scope="module", params=[True, False], ids=["attention", "none"])
def model(request):
    return translator(request.param)


def test_attention_is_a_distribution_over_the_real_steps(model):
    _, weights = greedy(model, X)
    assert weights.shape == (2, STEPS, SOURCE)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)
    assert not weights[0, :, 3:].any()


def test_without_attention_the_last_real_step_is_all_that_is_read():
    _, weights = greedy(translator(attention=False), X)
    np.testing.assert_array_equal(weights.argmax(axis=-1), [[2] * STEPS, [4] * STEPS])
    assert set(np.unique(weights)) == {0, 1}


def test_predict_is_greedy(model):
    targets, _ = greedy(model, X)
    assert targets == [until_nothing(row) for row in model.predict(X).argmax(axis=-1)]


def test_a_beam_of_one_is_greedy(model):
    assert [beam_search(model, x, width=1)[0] for x in X] == greedy(model, X)[0]


def scorer(model):
    """A function from a source and a target to log p, by a prediction that was given both."""
    source, mask, given = T.imatrix("source"), T.bmatrix("mask"), T.lmatrix("given")
    memory = model.layers[1](model.layers[0](source), mask=mask)
    logits = model.layers[-1](memory, mask=mask, targets=given)
    run = function([source, mask, given], logits)

    def log_p(x, target):
        y = np.array([*target, *[0] * (STEPS - len(target))])
        steps = min(len(target) + 1, STEPS)
        after = log_softmax(run(x[None].astype("int32"), (x != 0)[None], y[None])[0], axis=-1)
        return after[np.arange(steps), y[:steps]].sum()

    return log_p


def test_a_wide_beam_finds_the_most_probable_target():
    model = translator()
    every = [t for n in range(STEPS + 1) for t in product(range(1, SYMBOLS), repeat=n)]
    scored = scorer(model)
    log_p = {target: scored(X[0], target) for target in every}
    found, score = beam_search(model, X[0], width=100)
    assert tuple(found) == max(log_p, key=log_p.get)
    assert score == pytest.approx(log_p[tuple(found)], abs=1e-4)


def test_what_comes_after_the_end_does_not_count():
    model = translator()
    after_the_end = np.array([[1, 0, 2], [2, 1, 1]])
    nothing_there = np.array([[1, 0, 0], [2, 1, 1]])
    assert model.evaluate(X, after_the_end) == pytest.approx(model.evaluate(X, nothing_there))


def test_a_network_learns_to_reverse_and_is_saved(tmp_path):
    set_random_seed(0)
    rng = np.random.default_rng(0)
    sources = rng.integers(1, 4, size=(256, SOURCE))
    model = translator(symbols=4, steps=SOURCE)
    model.reset_weights()
    model.optimizer.learning_rate = 0.02
    history = model.fit(sources, sources[:, ::-1], epochs=12, verbose=0).history["loss"]
    assert history[-1] < 0.5 * history[0]
    model.save(tmp_path / "model.npz")
    np.testing.assert_allclose(
        load_model(tmp_path / "model.npz").predict(X), model.predict(X), rtol=1e-4, atol=1e-5
    )


def test_decoding_needs_a_decoder():
    model = Sequential([GRU(2, input_shape=(3, 1)), Dense(1)])
    with pytest.raises(ValueError, match="ends in AttentionDecoder, got Dense"):
        greedy(model, np.zeros((1, 3, 1)))


@pytest.mark.parametrize("width", [0, 1.5])
def test_a_beam_has_a_width(width):
    with pytest.raises(ValueError, match="width must be a whole number of at least 1"):
        beam_search(translator(), X[0], width=width)
