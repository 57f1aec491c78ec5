"""Training: what is reported, what is kept, what stops it, and the optimizers' formulas."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib.backend import T, function, set_random_seed, shared, theano
from course_lib.layers import Dense, Masking, SimpleRNN
from course_lib.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from course_lib.metrics import accuracy
from course_lib.models import Sequential
from course_lib.optimizers import SGD, Adam, RMSprop
from course_lib.training import Callback, EarlyStopping, NonFiniteLossError

pytestmark = pytest.mark.usefixtures("optimized")

ROOT = Path(__file__).parent.parent
BATCH = 4
X = np.random.default_rng(3).normal(size=(10, 3))
Y = X @ [[1.0], [-2.0], [0.5]] + 0.3


@pytest.fixture(scope="module")
def trained_everywhere():
    """One linear model, so that its three functions are compiled once."""
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile(optimizer=SGD(0.05), loss="mse", metrics=["mae"])
    return model


@pytest.fixture
def model(trained_everywhere):
    """That model as at its start."""
    model = trained_everywhere
    model.set_weights([[[0.5], [0.25], [-1.0]], [0.0]])
    model.optimizer.learning_rate = 0.05
    return model


def errors(model, X, y):
    W, b = model.get_weights()
    return (X @ W + b - y)[:, 0]


def fit(model, X=X, Y=Y, **options):
    return model.fit(X, Y, **{"batch_size": BATCH, "verbose": 0, **options})


def stand_still(model):
    """Let training report without moving."""
    model.optimizer.learning_rate = 1e-30


# --- what fit reports ---------------------------------------------------------------------


def test_fit_reduces_the_loss(model):
    losses = fit(model, epochs=20).history["loss"]
    assert losses[-1] < 0.1 * losses[0]


def test_history_has_one_number_per_epoch_for_each_figure(model):
    history = fit(model, epochs=3, validation_split=0.3)
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert [len(values) for values in history.history.values()] == [3] * 4
    assert history.epoch == [0, 1, 2]


def test_history_counts_every_sample_once_though_the_last_batch_is_smaller(model):
    stand_still(model)
    history = fit(model).history
    assert history["loss"][0] == pytest.approx((errors(model, X, Y) ** 2).mean(), rel=1e-5)
    assert history["mae"][0] == pytest.approx(abs(errors(model, X, Y)).mean(), rel=1e-5)


@pytest.mark.parametrize("n", [10, 8, 3, 1])
def test_evaluate_is_the_mean_over_all_samples_whatever_the_batches(model, n):
    loss, mae = model.evaluate(X[:n], Y[:n], batch_size=BATCH)
    assert loss == pytest.approx((errors(model, X[:n], Y[:n]) ** 2).mean(), rel=1e-5)
    assert mae == pytest.approx(abs(errors(model, X[:n], Y[:n])).mean(), rel=1e-5)


def test_validation_split_takes_the_last_part(model):
    stand_still(model)
    history = fit(model, validation_split=0.3).history
    first, last = errors(model, X[:7], Y[:7]), errors(model, X[7:], Y[7:])
    assert history["loss"][0] == pytest.approx((first**2).mean(), rel=1e-5)
    assert history["val_loss"][0] == pytest.approx((last**2).mean(), rel=1e-5)


def test_validation_data_are_used_instead_of_a_part_of_the_training_data(model):
    stand_still(model)
    history = fit(model, validation_data=(X[:3], Y[:3] + 1)).history
    expected = (errors(model, X[:3], Y[:3] + 1) ** 2).mean()
    assert history["val_loss"][0] == pytest.approx(expected, rel=1e-5)
    assert history["loss"][0] == pytest.approx((errors(model, X, Y) ** 2).mean(), rel=1e-5)


def test_a_stateful_model_is_validated_from_zero_states_and_then_goes_on():
    """Streams: four rows of two steps; the validation data are as long as one batch."""
    set_random_seed(5)
    model = Sequential([SimpleRNN(2, stateful=True, input_shape=(2, 1)), Dense(1)])
    model.compile(optimizer=SGD(1e-30), loss="mse")
    streams, answers = np.random.default_rng(4).normal(size=(8, 2, 1)), np.zeros((8, 1))
    options = {"batch_size": 4, "shuffle": False, "verbose": 0}
    model.fit(streams, answers, **options)
    expected = model.layers[0].states[0].get_value()
    model.reset_states()
    from_zero = model.evaluate(streams[:4], answers[:4], batch_size=4)
    model.reset_states()
    history = model.fit(
        streams, answers, validation_data=(streams[:4], answers[:4]), **options
    ).history
    assert history["val_loss"] == [pytest.approx(from_zero)]
    np.testing.assert_array_equal(model.layers[0].states[0].get_value(), expected)


def test_validation_does_not_change_the_weights(model):
    fit(model, shuffle=False)
    alone = model.get_weights()
    model.set_weights([[[0.5], [0.25], [-1.0]], [0.0]])
    fit(model, shuffle=False, validation_data=(X[:3], Y[:3] + 1))
    assert all(map(np.array_equal, alone, model.get_weights()))


def test_shuffle_changes_the_order_of_samples(model):
    fit(model, shuffle=False)
    in_order = model.get_weights()[0]
    model.set_weights([[[0.5], [0.25], [-1.0]], [0.0]])
    fit(model, shuffle=True)
    assert not np.array_equal(in_order, model.get_weights()[0])


def test_sample_weight_0_ignores_samples(model):
    weights, results = np.array([1.0] * 6 + [0.0] * 4), []
    for outlier in (100.0, -7.0):
        model.set_weights([[[0.5], [0.25], [-1.0]], [0.0]])
        y = np.concatenate([Y[:6], np.full((4, 1), outlier)])
        history = fit(model, Y=y, shuffle=False, epochs=2, sample_weight=weights)
        results.append([*model.get_weights(), history.history["loss"]])
    for first, second in zip(*results):
        assert np.array_equal(first, second)


def test_sample_weight_2_counts_a_sample_twice(model):
    weights = np.arange(10) % 3
    loss, _ = model.evaluate(X, Y, batch_size=BATCH, sample_weight=weights)
    expected = np.average(errors(model, X, Y) ** 2, weights=weights)
    assert loss == pytest.approx(expected, rel=1e-5)


def test_masked_time_steps_do_not_count_in_the_loss():
    model = Sequential([Masking(input_shape=(3, 1)), SimpleRNN(2, return_sequences=True), Dense(1)])
    model.compile(loss="mse")
    x = np.array([[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]])[..., None]
    y = np.array([[0.0, 1.0, 0.0], [1.0, 99.0, 99.0]])[..., None]
    expected = ((model.predict(x) - y) ** 2)[x != 0].mean()
    assert model.evaluate(x, y) == pytest.approx(expected, rel=1e-5)


def test_evaluate_without_metrics_is_one_number():
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile(loss="mse")
    loss = model.evaluate(X, Y)
    assert isinstance(loss, float)
    assert loss == pytest.approx((errors(model, X, Y) ** 2).mean(), rel=1e-5)


# --- what fit prints ----------------------------------------------------------------------


def test_the_progress_line_says_compiling_first_and_then_epoch_and_figures(model, capsys):
    fit(model, verbose=1, epochs=2)
    printed = capsys.readouterr().out
    assert printed.strip().startswith("compiling")
    last_line = printed.rstrip().splitlines()[-1].rpartition("\r")[2]
    assert "epoch 2/2" in last_line
    assert "loss" in last_line and "mae" in last_line


def test_the_progress_line_goes_to_standard_output_only(model, capsys):
    fit(model, verbose=1)
    assert capsys.readouterr().err == ""


def test_verbose_0_prints_nothing(model, capsys):
    fit(model, validation_split=0.3)
    assert capsys.readouterr() == ("", "")


# --- callbacks ----------------------------------------------------------------------------


class Interrupt(Callback):
    """Presses the stop button after a number of batches; notes the weights of that moment."""

    def __init__(self, batches):
        self.left = batches
        self.ended = False

    def on_batch_end(self, batch, logs):
        self.left -= 1
        if self.left == 0:
            self.weights = self.model.get_weights()
            raise KeyboardInterrupt

    def on_train_end(self):
        self.ended = True


def test_an_interrupt_keeps_the_weights_so_far_and_returns_the_history(model):
    interrupt = Interrupt(batches=5)  # the second of the second epoch
    history = fit(model, epochs=4, callbacks=[interrupt])
    assert len(history.history["loss"]) == 1
    assert all(map(np.array_equal, model.get_weights(), interrupt.weights))
    assert interrupt.ended


def test_an_interrupt_says_where_training_stopped(model, capsys):
    fit(model, epochs=4, callbacks=[Interrupt(batches=5)], verbose=1)
    assert "interrupted in epoch 2" in capsys.readouterr().out


def test_training_goes_on_after_an_interrupt(model):
    fit(model, epochs=4, callbacks=[Interrupt(batches=1)])
    assert len(fit(model, epochs=2).history["loss"]) == 2


class Recorder(Callback):
    """Notes the weights at the end of each epoch, and what was called."""

    def __init__(self):
        self.weights, self.calls = [], []

    def on_train_begin(self):
        self.calls.append("begin")

    def on_epoch_begin(self, epoch):
        self.calls.append(f"begin {epoch}")

    def on_test_begin(self):
        self.calls.append("test")

    def on_batch_end(self, batch, logs):
        self.calls.append(batch)

    def on_epoch_end(self, epoch, logs):
        self.calls.append(f"epoch {epoch}")
        self.weights.append(self.model.get_weights())

    def on_train_end(self):
        self.calls.append("end")


def test_callbacks_are_called_in_the_order_of_training(model):
    recorder = Recorder()
    fit(model, epochs=2, callbacks=[recorder])
    first, second = ["begin 0", 0, 1, 2, "epoch 0"], ["begin 1", 0, 1, 2, "epoch 1"]
    assert recorder.calls == ["begin", *first, *second, "end"]


def test_callbacks_are_told_of_the_test_between_the_last_batch_and_the_end_of_the_epoch(model):
    recorder = Recorder()
    fit(model, validation_split=0.3, callbacks=[recorder])
    assert recorder.calls == ["begin", "begin 0", 0, 1, "test", "epoch 0", "end"]


@pytest.mark.parametrize("hook", ["on_train_begin", "on_epoch_begin", "on_batch_end"])
def test_a_callback_that_sets_stop_training_ends_it_after_the_epoch_as_in_keras(model, hook):
    class Stopping(Recorder):
        pass

    def stop(self, *arguments):
        self.model.stop_training = True

    setattr(Stopping, hook, stop)
    assert len(fit(model, epochs=3, callbacks=[Stopping()]).epoch) == 1
    assert len(fit(model, epochs=3).epoch) == 3


def test_early_stopping_puts_back_the_weights_of_the_best_epoch(model):
    model.optimizer.learning_rate = 0.9  # diverges: the first epochs are the best
    recorder, stopping = Recorder(), EarlyStopping("val_mae", patience=2)
    history = fit(model, epochs=50, validation_split=0.3, callbacks=[recorder, stopping])
    best = int(np.argmin(history.history["val_mae"]))
    assert len(history.epoch) < 50
    assert stopping.best_epoch == best
    assert all(map(np.array_equal, model.get_weights(), recorder.weights[best]))


def test_early_stopping_puts_back_the_best_weights_after_an_interrupt_too(model):
    model.optimizer.learning_rate = 0.9
    recorder, stopping = Recorder(), EarlyStopping("loss", patience=9)
    history = fit(model, epochs=9, callbacks=[recorder, stopping, Interrupt(batches=14)])
    best = int(np.argmin(history.history["loss"]))
    assert all(map(np.array_equal, model.get_weights(), recorder.weights[best]))


class NoModel:
    """Just enough of a model for callbacks; its weights are the number of the epoch."""

    stop_training = False
    weights = None

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def epochs_until_stop(stopping, values):
    """How many epochs with these figures there are before training is stopped."""
    stopping.model = model = NoModel()
    stopping.on_train_begin()
    for epoch, value in enumerate(values):
        model.weights = epoch
        stopping.on_epoch_end(epoch, {stopping.monitor: value})
        if model.stop_training:
            break
    stopping.on_train_end()
    return epoch + 1, model.weights


@pytest.mark.parametrize("patience, epochs", [(0, 3), (1, 3), (2, 4), (3, 5)])
def test_early_stopping_waits_as_many_epochs_as_in_keras(patience, epochs):
    stopping = EarlyStopping(patience=patience)
    assert epochs_until_stop(stopping, [2, 1, 1, 1, 1, 1, 1]) == (epochs, 1)


def test_early_stopping_starts_to_wait_anew_after_each_improvement():
    assert epochs_until_stop(EarlyStopping(patience=2), [3, 4, 2, 4, 1, 4, 4, 4]) == (7, 4)


def test_early_stopping_ignores_improvements_below_min_delta():
    stopping = EarlyStopping(min_delta=0.5, patience=1)
    assert epochs_until_stop(stopping, [3, 2.9, 2.8, 2.7])[1] == 0


def test_early_stopping_takes_higher_accuracy_for_better():
    stopping = EarlyStopping("val_accuracy", patience=1)
    assert epochs_until_stop(stopping, [0.1, 0.5, 0.9, 0.2, 0.1, 0.1])[1] == 2


def test_early_stopping_on_a_wrong_name_ends_training_and_says_so(model):
    with pytest.raises(ValueError, match="'val_loss'.*loss, mae.*validation_split"):
        fit(model, callbacks=[EarlyStopping("val_loss")])


# --- losses that are no numbers -----------------------------------------------------------


def test_an_infinite_loss_in_the_first_batch_keeps_the_weights(model):
    before = model.get_weights()
    with pytest.raises(NonFiniteLossError, match=r"inf in epoch 1, batch 1"):
        fit(model, Y=Y + 1e30)
    assert all(map(np.array_equal, before, model.get_weights()))


def test_a_diverging_loss_names_epoch_and_batch_and_suggests_a_remedy(model):
    model.optimizer.learning_rate = 1e4
    recorder = Recorder()
    with pytest.raises(NonFiniteLossError, match="learning_rate, or clipnorm") as caught:
        fit(model, epochs=99, callbacks=[recorder])
    epochs = sum(str(call).startswith("epoch") for call in recorder.calls)
    batches = sum(isinstance(call, int) for call in recorder.calls) - 3 * epochs
    assert f"epoch {epochs + 1}, batch {batches + 1};" in str(caught.value)
    assert recorder.calls[-1] == "end"


def test_after_a_diverging_loss_the_model_has_the_last_weights_with_a_finite_loss(model):
    model.optimizer.learning_rate = 1e4
    with pytest.raises(NonFiniteLossError):
        fit(model, epochs=99)
    assert np.isfinite(model.get_weights()[0]).all()
    assert np.isfinite(model.evaluate(X, Y, batch_size=BATCH)).all()


def test_a_diverging_loss_is_reported_by_its_error_alone(model):
    # A warning by numpy would stand on a red background in a chapter.
    model.optimizer.learning_rate = 1e4
    with pytest.raises(NonFiniteLossError):
        fit(model, epochs=99, validation_split=0.3)


def test_training_goes_on_after_a_diverging_loss_at_a_lower_rate(model):
    model.optimizer.learning_rate = 1e4
    with pytest.raises(NonFiniteLossError):
        fit(model, epochs=99)
    model.set_weights([[[0.5], [0.25], [-1.0]], [0.0]])
    model.optimizer.learning_rate = 0.05
    losses = fit(model, epochs=20).history["loss"]
    assert losses[-1] < 0.1 * losses[0]


def test_a_last_step_that_makes_the_weights_infinite_does_not_pass_unnoticed(model):
    model.optimizer.learning_rate = 1e38
    with pytest.raises(NonFiniteLossError, match="epoch 1"):
        fit(model, X=X[:4] * 100, Y=Y[:4])
    assert np.isfinite(model.get_weights()[0]).all()


def test_an_infinite_validation_loss_ends_training_too(model):
    model.optimizer.learning_rate = 1e25
    with pytest.raises(NonFiniteLossError, match="epoch 1"):
        fit(model, X=X[:4], Y=Y[:4], validation_data=(X, Y))


def test_an_infinite_loss_does_not_bring_back_weights_from_before_set_weights(model):
    fit(model)
    chosen = [np.ones((3, 1)), np.ones(1)]
    model.set_weights(chosen)
    with pytest.raises(NonFiniteLossError):
        fit(model, Y=Y + 1e30)
    assert all(map(np.array_equal, chosen, model.get_weights()))


# --- the same seed, the same numbers ------------------------------------------------------

SEEDED = """
import hashlib
import numpy as np
from course_lib import set_random_seed
from course_lib.layers import GRU, Dense, Dropout
from course_lib.models import Sequential

def weights_after_training(seed):
    set_random_seed(seed)
    model = Sequential([GRU(3, input_shape=(4, 2)), Dropout(0.5), Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    X = np.random.default_rng(0).normal(size=(20, 4, 2))
    model.fit(X, X[:, 0, :1], batch_size=8, epochs=3, verbose=0)
    return hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
"""


@pytest.fixture(scope="module")
def weights_after_training():
    scope = {}
    exec(SEEDED, scope)
    return scope["weights_after_training"]


@pytest.fixture(scope="module")
def trained_with_seed_7(weights_after_training):
    return weights_after_training(7)


def test_the_same_seed_gives_the_same_weights_bit_for_bit(
    weights_after_training, trained_with_seed_7
):
    assert weights_after_training(7) == trained_with_seed_7


def test_another_process_with_the_same_seed_gives_the_same_weights(trained_with_seed_7):
    code = SEEDED + "print(weights_after_training(7))"
    command = [sys.executable, "-W", "ignore", "-c", code]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.strip() == trained_with_seed_7, result.stderr


def test_another_seed_gives_other_weights():
    starts = []
    for seed in (7, 8):
        set_random_seed(seed)
        starts.append(SimpleRNN(2))
        starts[-1].build((None, 3))
    first, second = (layer.get_weights() for layer in starts)
    assert not np.array_equal(first[0], second[0])
    assert not np.array_equal(first[1], second[1])


# --- optimizers ---------------------------------------------------------------------------

GRADIENTS = np.array([[1.0, -2.0, 0.0], [0.5, -2.0, 0.1], [-3.0, 4.0, 0.1]])
START = np.array([0.1, -0.2, 0.3])


def by_sgd(p, gradients):
    for g in gradients:
        p = p - 0.1 * g
    return p


def by_momentum(p, gradients):
    velocity = 0
    for g in gradients:
        velocity = 0.9 * velocity - 0.1 * g
        p = p + velocity
    return p


def by_rmsprop(p, gradients):
    mean_square = 0
    for g in gradients:
        mean_square = 0.8 * mean_square + 0.2 * g**2
        p = p - 0.1 * g / np.sqrt(mean_square + 1e-3)
    return p


def by_adam(p, gradients):
    m = v = 0
    for t, g in enumerate(gradients, start=1):
        m = 0.8 * m + 0.2 * g
        v = 0.95 * v + 0.05 * g**2
        m_hat, v_hat = m / (1 - 0.8**t), v / (1 - 0.95**t)
        # Keras adds epsilon before the correction of v, which scales it.
        p = p - 0.1 * m_hat / (np.sqrt(v_hat) + 1e-3 / np.sqrt(1 - 0.95**t))
    return p


FORMULAS = {
    "SGD": (lambda: SGD(0.1), by_sgd),
    "momentum": (lambda: SGD(0.1, momentum=0.9), by_momentum),
    "RMSprop": (lambda: RMSprop(0.1, rho=0.8, epsilon=1e-3), by_rmsprop),
    "Adam": (lambda: Adam(0.1, beta_1=0.8, beta_2=0.95, epsilon=1e-3), by_adam),
}


def stepper(optimizer, *starts):
    """Parameters with these starts, and a function that takes their gradients."""
    parameters = [shared(np.array(start, dtype=theano.config.floatX)) for start in starts]
    symbols = [T.TensorType(theano.config.floatX, p.broadcastable)() for p in parameters]
    optimizer.build(parameters)
    return parameters, function(symbols, [], updates=optimizer.updates(parameters, symbols))


@pytest.mark.parametrize("name", FORMULAS)
def test_three_steps_follow_the_formula(name, float64):
    make, formula = FORMULAS[name]
    (parameter,), step = stepper(make(), START)
    for gradient in GRADIENTS:
        step(gradient)
    np.testing.assert_allclose(parameter.get_value(), formula(START, GRADIENTS), atol=1e-12)


def test_defaults_are_those_of_keras():
    assert SGD().config() == pytest.approx({"learning_rate": 0.01, "momentum": 0.0})
    assert RMSprop().config() == pytest.approx(
        {"learning_rate": 0.001, "rho": 0.9, "epsilon": 1e-7}
    )
    assert Adam().config() == pytest.approx(
        {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
    )


def clip_by_value(gradients, limit):
    return [np.clip(g, -limit, limit) for g in gradients]


def clip_each(gradients, limit):
    return [g * min(1, limit / np.linalg.norm(g)) for g in gradients]


def clip_all(gradients, limit):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * min(1, limit / norm) for g in gradients]


CLIPS = {"clipvalue": clip_by_value, "clipnorm": clip_each, "global_clipnorm": clip_all}


@pytest.mark.parametrize("clip", CLIPS)
def test_clipping_limits_large_gradients_and_leaves_small_ones(clip, float64):
    starts = [np.zeros((2, 2)), np.zeros(2)]
    parameters, step = stepper(SGD(1.0, **{clip: 2.0}), *starts)
    for gradients in (
        [np.array([[3.0, -4.0], [0.5, 0.0]]), np.array([1.0, -1.0])],
        [np.array([[0.3, -0.4], [0.5, 0.0]]), np.array([0.1, -0.1])],
    ):
        before = [p.get_value() for p in parameters]
        step(*gradients)
        moves = [b - p.get_value() for b, p in zip(before, parameters)]
        for move, expected in zip(moves, CLIPS[clip](gradients, 2.0)):
            np.testing.assert_allclose(move, expected, atol=1e-12)


@pytest.mark.parametrize("clip", ["clipnorm", "global_clipnorm"])
def test_clipping_a_gradient_of_zero_leaves_it_zero(clip, float64):
    (parameter,), step = stepper(SGD(1.0, **{clip: 2.0}), np.ones(2))
    step(np.zeros(2))
    assert parameter.get_value().tolist() == [1, 1]


def test_a_new_learning_rate_takes_effect_at_the_next_step(float64):
    optimizer = SGD(0.1)
    (parameter,), step = stepper(optimizer, np.zeros(1))
    optimizer.learning_rate = 0.5
    step(np.array([1.0]))
    assert optimizer.learning_rate == 0.5
    assert parameter.get_value() == pytest.approx(-0.5)


def test_a_layer_added_after_training_is_trained_too():
    model = Sequential([Dense(2, input_shape=(3,))])
    model.compile("adam", "mse")
    fit(model, Y=np.ones((10, 2)))
    model.add(Dense(1))
    before = model.get_weights()
    fit(model)
    assert not any(map(np.array_equal, before, model.get_weights()))


def test_one_optimizer_given_to_two_models_trains_both():
    optimizer = Adam()
    for layers in ([Dense(1, input_shape=(3,))], [Dense(2, input_shape=(3,)), Dense(1)]):
        model = Sequential(layers)
        model.compile(optimizer, "mse")
        before = model.get_weights()
        fit(model)
        assert not any(map(np.array_equal, before, model.get_weights()))


# --- metrics ------------------------------------------------------------------------------


def test_binary_accuracy_of_probabilities_splits_at_one_half(float64):
    y, p = T.matrix("y"), T.matrix("p")
    hits = function([y, p], accuracy(y, p, BinaryCrossentropy()))
    assert hits([[1], [0], [1], [0]], [[0.6], [0.4], [0.4], [0.6]]).tolist() == [1, 1, 0, 0]
    assert hits([[1, 0, 1, 0]], [[0.6, 0.4, 0.4, 0.4]]).tolist() == [0.75]


def test_binary_accuracy_of_logits_splits_at_0(float64):
    y, logits = T.matrix("y"), T.matrix("logits")
    hits = function([y, logits], accuracy(y, logits, BinaryCrossentropy(from_logits=True)))
    assert hits([[1], [0], [1], [0]], [[0.2], [-0.2], [-0.2], [0.2]]).tolist() == [1, 1, 0, 0]


def test_sparse_accuracy_takes_the_most_probable_class_of_each_step(float64):
    y, p = T.imatrix("y"), T.tensor3("p")
    hits = function([y, p], accuracy(y, p, SparseCategoricalCrossentropy()))
    outputs = [[[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]]
    assert hits(np.array([[1, 2]], "int32"), outputs).tolist() == [[1, 0]]
