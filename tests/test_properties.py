"""What holds for any shape, mask, target and series: hypothesis looks for counterexamples."""

import copy
import io
import json
import wave

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from course_lib.backend import T, function, theano
from course_lib.baselines import AR, Mean, Persistence
from course_lib.datasets import load_series, load_wav, windows
from course_lib.layers import GRU, Bidirectional, Dense
from course_lib.losses import (
    BinaryCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from course_lib.models import Sequential, load_model
from course_lib.tasks import parity
from course_lib.training import padded_batches

# The compiled functions are made once, so an example costs next to nothing.
few = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FEATURES, UNITS, CLASSES = 2, 3, 4


def numbers(*shape, limit=5.0):
    return arrays(float, shape, elements=st.floats(-limit, limit, width=32))


sizes = st.integers(1, 6)


# --- the loop over time -------------------------------------------------------------------


@pytest.fixture(scope="module")
def gru():
    """A GRU for any batch and length: (x, mask) to outputs of all steps."""
    with theano.config.change_flags(floatX="float64"):
        layer = GRU(UNITS, return_sequences=True)
        layer.build((None, FEATURES))
        x, mask = T.tensor3("x"), T.matrix("mask", dtype="bool")
        compiled = function([x, mask], layer(x, mask=mask))

    def run(x, mask=None):
        return compiled(x, np.ones(x.shape[:2], bool) if mask is None else mask)

    return run


@st.composite
def sequences(draw):
    return draw(numbers(draw(sizes), draw(sizes), FEATURES))


@st.composite
def masked_sequences(draw):
    x = draw(sequences())
    return x, draw(arrays(bool, x.shape[:2]))


@few
@given(x=sequences())
def test_outputs_have_batch_time_and_units(gru, x):
    assert gru(x).shape == (*x.shape[:2], UNITS)


@few
@given(x=sequences())
def test_outputs_of_a_gru_stay_between_minus_1_and_1(gru, x):
    assert (abs(gru(x)) <= 1).all()


@few
@given(x=sequences(), cut=sizes)
def test_outputs_do_not_depend_on_what_comes_later(gru, x, cut):
    np.testing.assert_allclose(gru(x[:, :cut]), gru(x)[:, :cut], atol=1e-12)


@few
@given(x=sequences(), seed=st.integers(0, 99))
def test_samples_do_not_influence_each_other(gru, x, seed):
    order = np.random.default_rng(seed).permutation(len(x))
    np.testing.assert_allclose(gru(x[order]), gru(x)[order], atol=1e-12)


@few
@given(data=masked_sequences())
def test_the_last_output_is_that_of_the_sequence_without_its_masked_steps(gru, data):
    x, mask = data
    outputs = gru(x, mask)[:, -1]
    for row, steps, output in zip(x, mask, outputs):
        expected = gru(row[None, steps])[0, -1] if steps.any() else np.zeros(UNITS)
        np.testing.assert_allclose(output, expected, atol=1e-12)


@few
@given(data=masked_sequences(), other=st.floats(-5, 5))
def test_what_stands_at_masked_steps_does_not_matter(gru, data, other):
    x, mask = data
    changed = np.where(mask[..., None], x, other)
    assert np.array_equal(gru(changed, mask), gru(x, mask))


# --- losses -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def losses():
    """All losses as functions of arrays."""
    with theano.config.change_flags(floatX="float64"):
        y, labels, output = T.matrix("y"), T.ivector("labels"), T.matrix("output")
        numeric = [
            MeanSquaredError(),
            MeanAbsoluteError(),
            BinaryCrossentropy(),
            BinaryCrossentropy(from_logits=True),
        ]
        sparse = [
            SparseCategoricalCrossentropy(),
            SparseCategoricalCrossentropy(from_logits=True),
        ]
        on_numbers = function([y, output], [loss(y, output) for loss in numeric])
        on_labels = function([labels, output], [loss(labels, output) for loss in sparse])
    names = ["mse", "mae", "binary", "binary logits"]
    return (
        lambda y, output: dict(zip(names, on_numbers(y, output))),
        lambda labels, output: dict(zip(["sparse", "sparse logits"], on_labels(labels, output))),
    )


@st.composite
def pairs(draw, low=-5.0, high=5.0):
    """Targets between 0 and 1, and outputs between `low` and `high`, of one shape."""
    shape = draw(sizes), draw(sizes)
    y = draw(arrays(float, shape, elements=st.floats(0, 1)))
    return y, draw(arrays(float, shape, elements=st.floats(low, high)))


@st.composite
def labelled(draw):
    n = draw(sizes)
    labels = draw(arrays("int32", n, elements=st.integers(0, CLASSES - 1)))
    return labels, draw(numbers(n, CLASSES))


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@few
@given(data=pairs(0.0, 1.0))
def test_losses_are_one_number_per_sample_and_not_negative(losses, data):
    y, output = data
    for name, values in losses[0](y, output).items():
        assert values.shape == y.shape[:1], name
        assert (values >= -1e-12).all(), name


@few
@given(data=pairs())
def test_squared_and_absolute_error_equal_numpy(losses, data):
    y, output = data
    values = losses[0](y, output)
    np.testing.assert_allclose(values["mse"], ((y - output) ** 2).mean(axis=1), atol=1e-12)
    np.testing.assert_allclose(values["mae"], abs(y - output).mean(axis=1), atol=1e-12)


@few
@given(data=pairs(1e-6, 1 - 1e-6))
def test_binary_cross_entropy_equals_numpy(losses, data):
    y, p = data
    expected = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=1)
    np.testing.assert_allclose(losses[0](y, p)["binary"], expected, atol=1e-9)


@few
@given(data=pairs())
def test_binary_cross_entropy_of_logits_is_that_of_probabilities(losses, data):
    y, logits = data
    of_probabilities = losses[0](y, sigmoid(logits))["binary"]
    np.testing.assert_allclose(losses[0](y, logits)["binary logits"], of_probabilities, atol=1e-9)


@few
@given(data=pairs(-1e6, 1e6))
def test_binary_cross_entropy_of_logits_does_not_overflow(losses, data):
    y, logits = data
    expected = (np.logaddexp(0, logits) - y * logits).mean(axis=1)
    np.testing.assert_allclose(losses[0](y, logits)["binary logits"], expected, rtol=1e-9)


@few
@given(data=labelled())
def test_sparse_cross_entropy_equals_numpy(losses, data):
    labels, logits = data
    p = softmax(logits)
    expected = -np.log(p[np.arange(len(labels)), labels])
    np.testing.assert_allclose(losses[1](labels, p)["sparse"], expected, atol=1e-9)


@few
@given(data=labelled())
def test_sparse_cross_entropy_of_logits_is_that_of_probabilities(losses, data):
    labels, logits = data
    of_probabilities = losses[1](labels, softmax(logits))["sparse"]
    of_logits = losses[1](labels, logits)["sparse logits"]
    np.testing.assert_allclose(of_logits, of_probabilities, atol=1e-9)


@few
@given(data=labelled(), shift=st.floats(-1e3, 1e3))
def test_a_constant_added_to_all_logits_does_not_change_the_loss(losses, data, shift):
    labels, logits = data
    before, after = (losses[1](labels, a)["sparse logits"] for a in (logits, logits + shift))
    np.testing.assert_allclose(after, before, atol=1e-9)


def test_certain_and_wrong_probabilities_give_a_large_but_finite_loss(losses):
    wrong = losses[0](np.array([[1.0]]), np.array([[0.0]]))["binary"]
    assert wrong == pytest.approx(-np.log(1e-7))
    wrong = losses[1](np.array([0], "int32"), np.array([[0.0, 1.0]]))["sparse"]
    assert wrong == pytest.approx(-np.log(1e-7))


# --- batches ------------------------------------------------------------------------------


@few
@given(n=st.integers(1, 40), batch_size=st.integers(1, 12), seed=st.integers(0, 99))
def test_batches_hold_every_sample_once_in_the_given_order(n, batch_size, seed):
    order = np.random.default_rng(seed).permutation(n)
    batches = list(padded_batches(order, batch_size))
    assert len(batches) == -(-n // batch_size)
    assert np.array_equal(np.concatenate([i[weights == 1] for i, weights in batches]), order)
    assert all(weights.all() for _, weights in batches[:-1])


@few
@given(n=st.integers(1, 40), batch_size=st.integers(1, 12))
def test_padding_fills_a_batch_with_samples_of_weight_0(n, batch_size):
    for indices, weights in padded_batches(np.arange(5, 5 + n), batch_size):
        assert len(indices) == len(weights) == batch_size
        assert set(weights) <= {0, 1}
        assert set(indices[weights == 0]) <= set(indices[weights == 1])


# --- series and baselines -----------------------------------------------------------------


@st.composite
def series_and_length(draw, smallest=2):
    series = draw(numbers(draw(st.integers(smallest, 30))))
    return series, draw(st.integers(1, len(series) - 1))


@few
@given(data=series_and_length())
def test_each_window_is_a_stretch_of_the_series_and_its_target_the_next_value(data):
    series, length = data
    X, y = windows(series, length)
    assert X.shape == (len(series) - length, length, 1)
    assert y.shape == (len(series) - length, 1)
    for i in range(len(X)):
        assert np.array_equal(X[i, :, 0], series[i : i + length])
        assert y[i, 0] == series[i + length]


@few
@given(data=series_and_length())
def test_windows_are_copies(data):
    series, length = data
    X, _ = windows(series, length)
    before = series.copy()
    X += 1
    assert np.array_equal(series, before)


@few
@given(data=series_and_length())
def test_persistence_predicts_the_value_before(data):
    series, length = data
    X, y = windows(series, length)
    assert np.array_equal(Persistence().fit(X, y).predict(X)[:, 0], series[length - 1 : -1])


@few
@given(data=series_and_length())
def test_mean_predicts_the_mean_of_the_targets(data):
    X, y = windows(*data)
    prediction = Mean().fit(X, y).predict(X)
    assert prediction.shape == y.shape
    np.testing.assert_allclose(prediction, y.mean(), atol=1e-12)


@few
@given(
    coefficients=st.lists(st.floats(-0.6, 0.6), min_size=1, max_size=3),
    intercept=st.floats(-2, 2),
    extra=st.integers(0, 3),
)
def test_ar_finds_the_coefficients_of_a_linear_rule(coefficients, intercept, extra):
    p = len(coefficients)
    X = np.random.default_rng(0).normal(size=(30, p + extra, 1))
    latest_first = X[:, ::-1, 0][:, :p]
    y = (intercept + latest_first @ coefficients)[:, None]
    model = AR(p).fit(X, y)
    np.testing.assert_allclose(model.coefficients, coefficients, atol=1e-9)
    assert model.intercept == pytest.approx(intercept, abs=1e-9)
    np.testing.assert_allclose(model.predict(X), y, atol=1e-9)


@few
@given(data=series_and_length(smallest=12), p=st.integers(1, 3))
def test_ar_is_never_worse_than_the_mean_on_what_it_was_fitted_to(data, p):
    X, y = windows(data[0], 3)
    error = ((AR(p).fit(X, y).predict(X) - y) ** 2).mean()
    assert error <= y.var() + 1e-9


@few
@given(length=sizes, n=sizes, seed=st.integers(0, 99))
def test_the_last_running_answer_of_parity_is_the_answer(length, n, seed):
    X, y = parity(length, n, seed)
    same_X, running = parity(length, n, seed, every_step=True)
    assert np.array_equal(X, same_X)
    assert np.array_equal(running[:, -1], y)
    assert np.array_equal(y[:, 0], X.sum(axis=(1, 2)) % 2)


# --- files of a learner ---------------------------------------------------------------------

many = settings(few, max_examples=200)


@st.composite
def damaged(draw, whole):
    """The bytes of one of some whole files, with some of them changed, added and cut off."""
    content = draw(st.sampled_from(whole))
    places = st.integers(0, len(content))
    for _ in range(draw(st.integers(0, 3))):
        place, piece = draw(places), draw(st.binary(max_size=4))
        content = (
            content[:place] + piece + content[place + draw(st.sampled_from([0, len(piece)])) :]
        )
    return content[: draw(places)] if draw(st.booleans()) else content


def wav(channels=1, width=2, rate=8000):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", None))
        file.writeframes(bytes(range(200)) * 12)
    return buffer.getvalue()


def extensible_wav():
    """The same sound under the longer head, of which the last 24 bytes are new."""
    plain, tail = wav(), bytes.fromhex("16001000040000000100000000001000800000aa00389b71")
    body = b"WAVEfmt \x28\0\0\0\xfe\xff" + plain[22:36] + tail + plain[36:]
    return b"RIFF" + len(body).to_bytes(4, "little") + body


WAVS = [wav(), wav(2), wav(1, 1), wav(1, 3, 44100), extensible_wav()]


@many
@given(st.binary(max_size=100) | damaged(WAVS))
def test_any_bytes_are_a_recording_or_a_valueerror(tmp_path, content):
    path = tmp_path / "any.wav"
    path.write_bytes(content)
    try:
        sound, rate = load_wav(path)
    except ValueError as error:
        assert "any.wav" in str(error)
    else:
        assert sound.ndim == 1 and np.abs(sound).max() <= 1 and len(sound) >= rate / 10 > 0


TABLES = [
    b"date,price\n2024-01-01,1.5\n2024-01-02,-2\n",
    b'sep=;\r\n"a; b";"c"\r\n"1,5";"2"\r\n',
    "1\n2,5\n\u2026\n".encode("cp1252"),
]


@many
@given(
    st.binary(max_size=100) | damaged(TABLES),
    st.sampled_from([None, 0, 1, "price"]),
    st.sampled_from(".,"),
)
def test_any_bytes_are_a_series_or_a_valueerror(tmp_path, content, column, decimal):
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    try:
        series = load_series(path, column, decimal=decimal)
    except ValueError as error:
        assert "any.csv" in str(error) and len(str(error)) < 2000
    else:
        assert series.ndim == 1 and len(series) > 0 and np.isfinite(series).all()


def saved(path):
    """The arrays of a saved model, and its plan as JSON."""
    model = Sequential([Bidirectional(GRU(2), input_shape=(5, 1)), Dense(1)])
    model.compile("adam", "mse", ["mae"])
    model.save(path)
    with np.load(path) as file:
        return {n: file[n] for n in file.files if n != "plan"}, json.loads(str(file["plan"]))


def places(value, path=()):
    """Where in a JSON value there is something: paths of keys and numbers."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in inside:
        yield (*path, key)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*path, key))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
JSON = st.recursive(
    SCALARS | st.sampled_from(["GRU", "LSTM", "EchoState", "Embedding", 10**6]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def changed(plan, changes):
    """A copy of the plan in which other values stand in some places."""
    plan = copy.deepcopy(plan)
    for (*path, last), value in changes:
        try:
            inner = plan
            for key in path:
                inner = inner[key]
            inner[last] = value
        except (LookupError, TypeError):
            pass  # an earlier change took this place away
    return plan


def model_or_valueerror(path):
    try:
        model = load_model(path)
    except ValueError as error:
        assert "any.npz" in str(error) and len(str(error)) < 1000
    else:
        assert all(np.isfinite(w).all() for w in model.get_weights())


@many
@given(st.data())
def test_any_bytes_are_a_model_or_a_valueerror(tmp_path, data):
    path = tmp_path / "any.npz"
    saved(path)
    path.write_bytes(data.draw(st.binary(max_size=100) | damaged([path.read_bytes()])))
    model_or_valueerror(path)


@many
@given(st.data())
def test_any_plan_makes_a_model_or_a_valueerror(tmp_path, data):
    path = tmp_path / "any.npz"
    weights, plan = saved(path)
    where = st.sampled_from(list(places(plan)))
    plan = changed(plan, data.draw(st.lists(st.tuples(where, JSON), max_size=3)))
    np.savez(path, plan=np.array(json.dumps(plan)), **weights)
    model_or_valueerror(path)
