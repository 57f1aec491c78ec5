"""One-hot targets: the same training, figures and weights as with class numbers."""

import numpy as np
import pytest

from course_lib.backend import T, function, theano
from course_lib.gradients import numerical_gradient, relative_error
from course_lib.layers import GRU, Dense, Masking
from course_lib.losses import CategoricalCrossentropy
from course_lib.metrics import accuracy
from course_lib.models import Sequential, load_model
from course_lib.optimizers import SGD
from course_lib.training import EarlyStopping

SAMPLES, TIME, FEATURES, CLASSES = 6, 5, 2, 3
rng = np.random.default_rng(0)
SOFT = rng.dirichlet(np.ones(CLASSES), size=(2, 4))
LOGITS = rng.uniform(-1, 1, size=(2, 4, CLASSES))
LOG_P = LOGITS - np.log(np.exp(LOGITS).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("y", [SOFT, np.eye(CLASSES)[SOFT.argmax(-1)]], ids=["soft", "one-hot"])
def test_the_loss_and_its_gradient_are_those_of_the_formula(y, from_logits, float64):
    loss, outputs = CategoricalCrossentropy(from_logits), T.tensor3()
    values = loss(T.constant(y), outputs)
    compiled = function([outputs], [values, theano.grad(values.sum(), outputs)])
    given = LOGITS if from_logits else np.exp(LOG_P)
    result, gradient = compiled(given)
    np.testing.assert_allclose(result, -(y * LOG_P).sum(axis=-1), rtol=1e-10)
    expected = numerical_gradient(lambda a: compiled(a)[0].sum(), given)
    assert relative_error(gradient, expected) < 1e-7


def test_logits_of_any_size_give_finite_losses(float64):
    loss, outputs = CategoricalCrossentropy(from_logits=True), T.matrix()
    result = function([outputs], loss(T.constant(np.eye(2)), outputs))([[1e3, -1e3], [1e3, -1e3]])
    np.testing.assert_allclose(result, [0, 2000])


def test_accuracy_compares_the_most_probable_classes(float64):
    y, p = np.array([[[0.2, 0.8, 0], [0, 0, 1]]]), [[[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]]
    hits = accuracy(T.constant(y), T.constant(p), CategoricalCrossentropy())
    assert function([], hits)().tolist() == [[1, 0]]


# --- beside the loss for class numbers ------------------------------------------------------


def data(sequences):
    """Inputs with masked steps, and class numbers."""
    draw = np.random.default_rng(2)
    X = draw.normal(size=(SAMPLES, TIME, FEATURES))
    X[1, 3:] = X[3, 1:] = X[4, 2] = 0
    return X, draw.integers(CLASSES, size=(SAMPLES, TIME) if sequences else SAMPLES)


def model(loss, sequences, **options):
    recurrent = GRU(4, return_sequences=sequences)
    stack = Sequential(
        [Masking(input_shape=(TIME, FEATURES)), recurrent, Dense(CLASSES, "softmax")]
    )
    draw = np.random.default_rng(1)
    stack.set_weights([draw.normal(0, 0.7, w.shape) for w in stack.get_weights()])
    stack.compile(SGD(0.1), loss, **options)
    return stack


PER_STEP = np.random.default_rng(3).uniform(0, 2, (SAMPLES, TIME))
WEIGHTING = {
    "no weights": {},
    "samples": {"sample_weight": PER_STEP[:, 0]},
    "classes": {"class_weight": {0: 2.0, 2: 0.5}},
    "both": {"sample_weight": PER_STEP[:, 0], "class_weight": {1: 3.0}},
}


@pytest.mark.parametrize("what", WEIGHTING)
@pytest.mark.parametrize("sequences", [False, True])
def test_training_is_that_with_class_numbers(sequences, what, float64):
    (X, y), results = data(sequences), []
    for loss, targets in (
        ("sparse_categorical_crossentropy", y),
        ("categorical_crossentropy", np.eye(CLASSES)[y]),
    ):
        stack = model(loss, sequences, metrics=["acc"])
        history = stack.fit(
            *(X, targets),
            batch_size=4,
            epochs=2,
            shuffle=False,
            verbose=0,
            validation_data=(X, targets),
            **WEIGHTING[what],
        ).history
        assert list(history) == ["loss", "acc", "val_loss", "val_acc"]
        results.append([*stack.get_weights(), *history.values()])
    for first, second in zip(*results):
        np.testing.assert_allclose(second, first, rtol=1e-9)


def test_one_weight_per_step_counts_as_with_class_numbers(float64):
    X, y = data(sequences=True)
    sparse = model("sparse_categorical_crossentropy", True).evaluate(X, y, sample_weight=PER_STEP)
    targets = np.eye(CLASSES)[y]
    figure = model("categorical_crossentropy", True).evaluate(X, targets, sample_weight=PER_STEP)
    assert figure == pytest.approx(sparse)


def test_steps_that_are_filled_up_may_have_targets_of_0(float64):
    X, y = data(sequences=True)
    targets = np.eye(CLASSES)[y]
    zeroed = targets * X.any(axis=-1)[..., None]
    assert (zeroed == 0).all(axis=-1).any()
    stack = model("categorical_crossentropy", True)
    assert stack.evaluate(X, zeroed) == pytest.approx(stack.evaluate(X, targets))


def test_class_weights_of_soft_targets_go_by_the_most_probable_class():
    y = np.array([[0.1, 0.9, 0.0], [0.6, 0.2, 0.2]])
    classes, count = CategoricalCrossentropy().classes(y, y.shape)
    assert (classes.tolist(), count) == ([1, 0], CLASSES)


def test_targets_may_be_whole_numbers_or_booleans():
    for kind in (int, bool, "float32"):
        y = CategoricalCrossentropy().check(np.eye(CLASSES, dtype=kind), (CLASSES, CLASSES))
        assert y.dtype == theano.config.floatX
        assert np.array_equal(y, np.eye(CLASSES))


def test_acc_is_accuracy_under_the_name_that_was_written(float64, tmp_path):
    X, y = data(sequences=False)
    stack = model("sparse_categorical_crossentropy", False, metrics=["acc", "accuracy"])
    loss, acc, full = stack.evaluate(X, y)
    assert acc == full == pytest.approx((stack.predict(X).argmax(axis=-1) == y).mean())
    stack.save(tmp_path / "model.npz")
    assert list(load_model(tmp_path / "model.npz").metrics) == ["acc", "accuracy"]


@pytest.mark.parametrize("monitor", ["val_acc", "acc", "val_accuracy"])
def test_early_stopping_takes_a_higher_accuracy_for_better(monitor):
    stopping = EarlyStopping(monitor)
    assert stopping.sign == -1
