"""Where masks, direction, states, zoneout and weights meet, against plain numpy loops."""

import itertools

import numpy as np
import pytest

from course_lib.layers import GRU, AttentionDecoder, Dense, Embedding, Masking, SimpleRNN
from course_lib.losses import CTC
from course_lib.models import Sequential
from course_lib.optimizers import SGD
from course_lib.readout import fit_ridge, ridge
from course_lib.text import bits_per_symbol
from tests.test_layers import gru_step

BATCH, TIME, FEATURES, UNITS = 3, 5, 2, 3
LENGTHS = [5, 3, 1]


def masked_inputs():
    """Sequences of LENGTHS steps, filled up with zeros, one of them with a gap."""
    x = np.random.default_rng(2).normal(size=(BATCH, TIME, FEATURES))
    for row, length in zip(x, LENGTHS):
        row[length:] = 0
    x[0, 2] = 0
    return x


def drawn(model):
    """`model` with weights, biases included, that are no special case."""
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.7, w.shape) for w in model.get_weights()])
    return model


def read(x, mask, weights, h, backwards, zoneout):
    """A GRU's states after each step, (batch, time, units), and their mask, in reading order."""
    if backwards:
        x, mask = x[:, ::-1], mask[:, ::-1]
    states = []
    for t in range(x.shape[1]):
        (new,) = gru_step(x[:, t], [h], weights, np.tanh)
        share = (1 - zoneout) * mask[:, t, None]
        h = share * new + (1 - share) * h
        states.append(h)
    return np.stack(states, axis=1), mask


@pytest.mark.parametrize(
    "backwards, zoneout, stateful",
    list(itertools.product([False, True], [0.0, 0.3], [False, True])),
)
def test_two_layers_read_masked_sequences_as_a_loop_does(backwards, zoneout, stateful, float64):
    options = {"go_backwards": backwards, "zoneout": zoneout, "stateful": stateful}
    x, start = masked_inputs(), np.zeros((BATCH, UNITS))
    first = GRU(UNITS, return_sequences=True, **options)
    masking = Masking(input_shape=(TIME, FEATURES))
    model = drawn(Sequential([masking, first, GRU(UNITS, stateful=stateful)]))
    weights = model.get_weights()

    h, last = start, start
    for _ in range(2):  # the second batch goes on where the first one ended
        states, mask = read(x, x.any(axis=-1), weights[:3], h, backwards, zoneout)
        outputs, _ = read(states, mask, weights[3:], last, False, 0.0)
        np.testing.assert_allclose(model.predict(x, BATCH), outputs[:, -1], atol=1e-10)
        if stateful:
            h, last = states[:, -1], outputs[:, -1]


@pytest.fixture
def tagger(float64):
    """A model that gives one number per time step, and data for it."""
    layers = [SimpleRNN(UNITS, return_sequences=True), Dense(1)]
    model = drawn(Sequential([Masking(input_shape=(TIME, FEATURES)), *layers]))
    model.compile(SGD(0.1), "mse", metrics=["mae"])
    y = np.random.default_rng(3).normal(size=(BATCH, TIME, 1))
    return model, masked_inputs(), y


STEP_WEIGHTS = np.random.default_rng(4).uniform(0, 2, (BATCH, TIME))


@pytest.mark.parametrize("weights", [None, np.array([2.0, 0.0, 1.0]), STEP_WEIGHTS])
@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_figures_are_means_over_all_steps_that_count(tagger, weights, batch_size):
    model, x, y = tagger
    per_step = np.ones((BATCH, TIME)) if weights is None else weights
    counts = x.any(axis=-1) * (per_step if per_step.ndim == 2 else per_step[:, None])
    error = (model.predict(x) - y)[..., 0]
    expected = [np.average(error**2, weights=counts), np.average(abs(error), weights=counts)]
    figures = model.evaluate(x, y, batch_size=batch_size, sample_weight=weights)
    np.testing.assert_allclose(figures, expected, rtol=1e-10)


def test_fit_reports_means_over_all_steps_that_count(tagger):
    model, x, y = tagger
    model.optimizer.learning_rate = 1e-30
    expected = model.evaluate(x, y, sample_weight=STEP_WEIGHTS)
    history = model.fit(x, y, batch_size=2, verbose=0, sample_weight=STEP_WEIGHTS).history
    np.testing.assert_allclose([history["loss"][0], history["mae"][0]], expected, rtol=1e-10)


@pytest.mark.parametrize("weights", [np.array([2.0, 0.0, 1.0]), STEP_WEIGHTS])
def test_a_training_step_descends_weighted_losses_over_the_number_of_steps(tagger, weights):
    model, x, y = tagger
    counts = x.any(axis=-1)
    weighted = counts * (weights if weights.ndim == 2 else weights[:, None])
    h = Sequential(model.layers[:2]).predict(x)
    error = (model.predict(x) - y)[..., 0]
    gradient = 2 * np.einsum("bt,btu->u", weighted * error, h) / counts.sum()
    before = model.get_weights()[-2][:, 0]
    model.fit(x, y, batch_size=BATCH, verbose=0, sample_weight=weights)
    np.testing.assert_allclose(model.get_weights()[-2][:, 0], before - 0.1 * gradient, rtol=1e-9)


def test_nothing_that_counts_is_refused(tagger):
    model, x, y = tagger
    with pytest.raises(ValueError, match="every time step is masked or has weight 0"):
        model.evaluate(np.zeros_like(x), y)


# --- weights of classes ---------------------------------------------------------------------


def classifier(loss, units, activation):
    model = drawn(Sequential([Dense(units, activation, input_shape=(FEATURES,))]))
    model.compile(SGD(0.1), loss)
    return model


@pytest.mark.parametrize(
    "loss, units, activation",
    [("sparse_categorical_crossentropy", 2, "softmax"), ("binary_crossentropy", 1, "sigmoid")],
)
def test_class_weights_are_weights_of_samples_by_class(loss, units, activation, float64):
    x, y, results = np.random.default_rng(0).normal(size=(6, FEATURES)), np.array([0, 1] * 3), []
    weights = np.array([0.5, 1, 1.5, 1, 1, 2])
    for options in (
        {"class_weight": {1: 3}, "sample_weight": weights},
        {"sample_weight": weights * np.where(y == 1, 3, 1)},
    ):
        model = classifier(loss, units, activation)
        history = model.fit(x, y, verbose=0, validation_data=(x, y), **options).history
        results.append([*model.get_weights(), history["loss"]])
        assert history["val_loss"] == pytest.approx([model.evaluate(x, y)])
    for first, second in zip(*results):
        np.testing.assert_allclose(first, second, rtol=1e-10)


def test_class_weights_count_with_batches_of_one_sample(float64):
    x, steps = np.ones((1, FEATURES)), []
    for weight in (1, 10):
        model = classifier("binary_crossentropy", 1, "sigmoid")
        before = model.get_weights()[1]
        model.fit(x, [1], batch_size=1, verbose=0, class_weight={1: weight})
        steps.append(model.get_weights()[1] - before)
    np.testing.assert_allclose(steps[1], 10 * steps[0], rtol=1e-10)


@pytest.mark.parametrize(
    "class_weight, expected",
    [
        ([1, 2], "must map class numbers to weights"),
        ({2: 1.0}, "names class 2, and classes are 0 to 1"),
        ({"1": 1.0}, "a class in class_weight must be a whole number"),
        ({1: -1.0}, "the weight of class 1"),
        ({0: 0, 1: 0}, "gives every target here the weight 0"),
    ],
)
def test_class_weights_that_do_not_fit_are_refused(class_weight, expected):
    model = classifier("sparse_categorical_crossentropy", 2, "softmax")
    with pytest.raises(ValueError, match=expected):
        model.fit(np.ones((2, FEATURES)), [0, 1], class_weight=class_weight)


def test_class_weights_need_a_loss_with_classes():
    with pytest.raises(ValueError, match="MeanSquaredError has no classes"):
        model = classifier("mse", 1, None)
        model.fit(np.ones((2, FEATURES)), [0, 1], class_weight={0: 1})


def test_a_loss_over_whole_sequences_takes_one_weight_per_sample():
    model = Sequential([GRU(UNITS, return_sequences=True, input_shape=(TIME, FEATURES)), Dense(3)])
    model.compile("sgd", CTC(from_logits=True))
    x, y = masked_inputs(), np.array([[1], [2], [1]])
    with pytest.raises(ValueError, match=r"must be 3 numbers, none negative"):
        model.evaluate(x, y, sample_weight=STEP_WEIGHTS)


def test_validation_data_that_are_no_pair_are_refused(tagger):
    model, x, y = tagger
    with pytest.raises(ValueError, match=r"must be \(x, y\) or \(x, y, sample_weight\)"):
        model.fit(x, y, validation_data=x)


# --- elsewhere ------------------------------------------------------------------------------


def test_masking_adds_to_the_mask_before_it():
    embedding = Embedding(4, FEATURES, mask_zero=True, input_shape=(TIME,))
    model = Sequential([embedding, Masking(), GRU(UNITS)])
    symbols = np.array([[1, 2, 0, 3, 0], [1, 2, 3, 0, 0]])
    outputs = model.predict(symbols)
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-6)


def test_without_attention_the_last_step_that_is_not_masked_is_read(float64):
    model = Sequential(
        [Masking(input_shape=(3, FEATURES)), AttentionDecoder(4, 2, 3, attention=False)]
    )
    drawn(model)
    x = np.random.default_rng(0).normal(size=(1, 3, FEATURES))
    x[0, 1] = 0  # a gap
    other = x.copy()
    other[0, 0] = 7.0  # not the last one
    np.testing.assert_allclose(model.predict(x), model.predict(other), atol=1e-12)


def test_the_washout_of_a_ridge_regression_counts_steps_that_are_not_masked(float64):
    reservoir = GRU(UNITS, return_sequences=True)
    model = drawn(Sequential([Masking(input_shape=(TIME, FEATURES)), reservoir, Dense(1)]))
    x = np.random.default_rng(0).normal(size=(4, TIME, FEATURES))
    x[:, :2] = 0  # filled up at the front
    y = np.random.default_rng(1).normal(size=(4, TIME, 1))
    H = Sequential(model.layers[:2]).predict(x)[:, 3:].reshape(-1, UNITS)
    W, b = ridge(H, y[:, 3:].reshape(-1, 1), 1e-8)
    fit_ridge(model, x, y, washout=1)
    np.testing.assert_allclose(model.get_weights()[-2], W, rtol=1e-8)
    np.testing.assert_allclose(model.get_weights()[-1], b, rtol=1e-8)


def test_bits_per_symbol_refuses_padding():
    model = Sequential([Embedding(4, 3, mask_zero=True), GRU(5, return_sequences=True), Dense(4)])
    with pytest.raises(ValueError, match="symbol 0 is padding"):
        bits_per_symbol(model, [1, 0, 2])


def test_a_stateful_model_forgets_nothing_without_a_word():
    model = Sequential([SimpleRNN(UNITS, stateful=True, input_shape=(None, FEATURES))])
    x = np.ones((4, TIME, FEATURES))
    model.predict(x, batch_size=4)
    with pytest.raises(ValueError, match=r"remembers 4 sequences.*batch of 1.*reset_states"):
        model.predict(x[:1], batch_size=1)
    model.reset_states()
    assert model.predict(x[:1], batch_size=1).shape == (1, UNITS)
