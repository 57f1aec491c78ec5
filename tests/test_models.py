"""`Sequential` behaves as in Keras; a saved model comes back as it was, and nothing else does."""

import os
import stat

import numpy as np
import pytest

from course_lib import activations
from course_lib.backend import set_random_seed
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
from course_lib.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from course_lib.models import Sequential, load_model, saving
from course_lib.optimizers import SGD, Adam, RMSprop
from course_lib.training import Callback, EarlyStopping
from tests.test_damaged_models import with_plan, with_weights

X = np.random.default_rng(3).normal(size=(10, 3))
Y = X.sum(axis=1, keepdims=True)


def equal(ours, theirs):
    return len(ours) == len(theirs) and all(map(np.array_equal, ours, theirs))


# --- Keras's ways -------------------------------------------------------------------------

PROGRAM = """
import numpy as np
from keras.models import Sequential
from keras.layers import GRU, Dense

def generate_sine_wave(seq_length, num_samples):
    X, y = [], []
    for _ in range(num_samples):
        start = np.random.uniform(0, 4 * np.pi)
        seq = np.sin(np.linspace(start, start + seq_length, seq_length + 1))
        X.append(seq[:-1])
        y.append(seq[-1])
    X = np.array(X).reshape((num_samples, seq_length, 1))
    return X, np.array(y)

seq_length = 10
X, y = generate_sine_wave(seq_length, 64)

model = Sequential([
    GRU(50, activation='tanh', input_shape=(seq_length, 1)),
    Dense(1)
])
model.compile(optimizer='adam', loss='mse')
history = model.fit(X, y, epochs=1, batch_size=32)
prediction = model.predict(X)
"""


def test_the_keras_program_runs_with_only_the_name_of_the_package_changed():
    scope = {}
    exec(PROGRAM.replace("keras", "course_lib"), scope)
    assert np.isfinite(scope["history"].history["loss"]).all()
    assert scope["prediction"].shape == (64, 1)


def test_add_builds_the_same_model_as_a_list():
    set_random_seed(1)
    listed = Sequential([GRU(3, input_shape=(5, 2)), Dense(1)])
    set_random_seed(1)
    added = Sequential()
    added.add(GRU(3, input_shape=(5, 2)))
    added.add(Dense(1))
    assert equal(added.get_weights(), listed.get_weights())


FIRST_LAYERS = [
    SimpleRNN(4, input_shape=(5, 2)),
    Bidirectional(GRU(2), input_shape=(5, 2)),
    Bidirectional(LSTM(2, input_shape=(5, 2))),
    Dense(4, input_shape=(5, 2)),
    Masking(input_shape=(5, 2)),
    Dropout(0.5, input_shape=(5, 2)),
    GRU(4, input_shape=(None, 2)),
]


@pytest.mark.parametrize("first", FIRST_LAYERS)
def test_any_first_layer_takes_an_input_shape(first):
    model = Sequential([first, Dense(1)])
    assert model.built
    assert len(model.get_weights()) == len(first.weights) + 2


def test_an_embedding_needs_no_input_shape():
    assert Sequential([Embedding(5, 2), GRU(3)]).count_params() == 5 * 2 + 3 * 3 * (2 + 3 + 2)


def test_a_length_of_none_takes_sequences_of_any_length():
    model = Sequential([SimpleRNN(2, return_sequences=True, input_shape=(None, 1))])
    x = np.random.default_rng(0).normal(size=(2, 5, 1))
    longer, shorter = model.predict(x), model.predict(x[:, :3])
    assert longer.shape == (2, 5, 2)
    np.testing.assert_allclose(shorter, longer[:, :3], atol=1e-6)


def test_without_input_shape_the_first_fit_builds_the_model_from_the_data():
    model = Sequential([Dense(2), Dense(1)])
    model.compile("sgd", "mse")
    assert not model.built
    model.fit(X, Y, verbose=0)
    assert [w.shape for w in model.get_weights()] == [(3, 2), (2,), (2, 1), (1,)]


def test_summary_shows_layers_shapes_and_parameters(capsys):
    Sequential([GRU(3, return_sequences=True, input_shape=(5, 2)), Dense(1)]).summary()
    first, second, total = capsys.readouterr().out.splitlines()[1:]
    assert [word in first for word in ("gru (GRU)", "(None, 5, 3)", "63")] == [True] * 3
    assert [word in second for word in ("dense (Dense)", "(None, 5, 1)", "4")] == [True] * 3
    assert total.split() == ["total", "67"]


def test_weights_that_were_taken_out_can_be_put_back():
    model = Sequential([Bidirectional(LSTM(2), input_shape=(5, 2)), Dense(1)])
    kept = model.get_weights()
    model.set_weights([w + 1 for w in kept])
    assert not equal(model.get_weights(), kept)
    model.set_weights(kept)
    assert equal(model.get_weights(), kept)


def test_changing_the_list_from_get_weights_does_not_change_the_model():
    model = Sequential([Dense(1, input_shape=(3,))])
    model.get_weights()[0][:] = 9
    assert not (model.get_weights()[0] == 9).any()


def test_names_are_unique():
    model = Sequential([Dense(2), Dense(2), GRU(2, name="dense"), SimpleRNN(2)])
    names = [layer.name for layer in model.layers]
    assert names == ["dense", "dense_1", "dense_2", "simple_rnn"]


def test_layers_of_one_model_keep_their_weights_in_another():
    model = Sequential([GRU(3, input_shape=(5, 2)), Dense(1)])
    before = model.get_weights()
    beginning = Sequential(model.layers[:1])
    assert equal(model.get_weights(), before)
    assert equal(beginning.get_weights(), before[:3])


def test_build_of_a_model_that_has_weights_keeps_them():
    model = Sequential([Dense(1, input_shape=(3,))])
    before = model.get_weights()
    model.build((3,))
    assert equal(model.get_weights(), before)


@pytest.fixture(scope="module")
def dense():
    """A model whose functions are compiled once."""
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    return model


def test_predict_gives_one_row_per_sample_whatever_the_batches(dense):
    W, b = dense.get_weights()
    for n in (1, 3, 10):
        np.testing.assert_allclose(dense.predict(X[:n], 4), X[:n] @ W + b, atol=1e-6)


def test_another_number_of_samples_needs_no_new_function(dense):
    dense.functions.clear()
    for n in (10, 3, 7):
        dense.predict(X[:n], batch_size=4)
        dense.evaluate(X[:n], Y[:n], batch_size=4)
    assert len(dense.functions) == 2


def test_lists_and_integers_are_taken_as_arrays(dense):
    W, b = dense.get_weights()
    np.testing.assert_allclose(dense.predict([[1, 2, 3]], 4), [[1, 2, 3]] @ W + b, atol=1e-6)


def test_targets_of_one_axis_fit_a_model_with_one_output(dense):
    assert dense.evaluate(X, Y[:, 0], batch_size=4) == dense.evaluate(X, Y, batch_size=4)


def test_the_data_given_to_fit_are_not_changed(dense):
    x, y = X.copy(), Y.copy()
    dense.fit(x, y, batch_size=4, verbose=0)
    assert np.array_equal(x, X) and np.array_equal(y, Y)


def test_compile_again_starts_the_optimizer_anew_and_keeps_the_weights():
    model = Sequential([Dense(1, input_shape=(3,))])
    before = model.get_weights()
    model.compile("adam", "mse")
    model.compile("sgd", "mae")
    assert equal(model.get_weights(), before)
    assert isinstance(model.optimizer, SGD)
    assert not model.optimizer.variables


def test_predict_and_evaluate_take_verbose_as_in_keras(dense):
    dense.predict(X, batch_size=4, verbose=0)
    dense.evaluate(X, Y, batch_size=4, verbose=0)


def test_fit_takes_none_for_no_callbacks_as_in_keras(dense):
    dense.fit(X, Y, batch_size=4, verbose=0, callbacks=None)


def test_the_data_are_called_x_and_y_as_in_keras(dense):
    dense.fit(x=X, y=Y, batch_size=4, verbose=0)
    dense.evaluate(x=X, y=Y, batch_size=4)
    dense.predict(x=X, batch_size=4)


def test_reset_weights_makes_the_model_new_and_keeps_its_functions():
    set_random_seed(4)
    new = Sequential([Dense(2, input_shape=(3,)), Dropout(0.5), Dense(1)])
    model = Sequential([Dense(2, input_shape=(3,)), Dropout(0.5), Dense(1)])
    model.compile("adam", "mse")
    results = []
    for _ in range(2):
        model.fit(X, Y, batch_size=4, verbose=0)
        set_random_seed(4)
        model.reset_weights()
        assert equal(model.get_weights(), new.get_weights())
        model.fit(X, Y, batch_size=4, verbose=0)
        results.append(model.get_weights())
    assert equal(*results)
    assert len(model.functions) == 1


# --- files --------------------------------------------------------------------------------

STACKS = {
    "SimpleRNN": [SimpleRNN(3, activation="relu", input_shape=(5, 2))],
    "LSTM": [LSTM(3, return_sequences=True, go_backwards=True, input_shape=(None, 2)), Dense(1)],
    "GRU": [GRU(3, reset_after=False, name="mine", input_shape=(5, 2)), Dense(2, "softmax")],
    "Bidirectional": [Bidirectional(LSTM(3, unit_forget_bias=False), "mul", input_shape=(5, 2))],
    "Embedding": [Embedding(4, 2, mask_zero=True), Dropout(0.25), GRU(3, stateful=True)],
    "Masking": [Masking(-1.0, input_shape=(5, 2)), SimpleRNN(3)],
}


@pytest.mark.parametrize("name", STACKS)
def test_layers_and_weights_come_back_as_they_were(name, tmp_path):
    model = Sequential(STACKS[name])
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert equal(loaded.get_weights(), model.get_weights())
    assert [type(la) for la in loaded.layers] == [type(la) for la in model.layers]
    assert [la.config() for la in loaded.layers] == [la.config() for la in model.layers]
    assert [la.input_shape for la in loaded.layers] == [la.input_shape for la in model.layers]


def test_a_loaded_model_predicts_and_trains_on_as_the_saved_one_would(tmp_path):
    model = Sequential([Dense(4, "tanh", input_shape=(3,)), Dense(1)])
    model.compile(SGD(0.1), "mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    # Another batch size would round in another order.
    assert np.array_equal(loaded.predict(X, batch_size=10), model.predict(X, batch_size=10))
    for each in (model, loaded):
        each.fit(X, Y, batch_size=10, verbose=0, shuffle=False)
    assert equal(loaded.get_weights(), model.get_weights())


def trained(optimizer, *layers, **options):
    model = Sequential([*layers, Dense(4, "tanh", input_shape=(3,)), Dense(1)])
    model.compile(optimizer, "mse")
    train(model, **options)
    return model


def train(model, **options):
    model.fit(X, Y, batch_size=4, verbose=0, shuffle=False, **options)


def saved_and_loaded(model, folder):
    model.save(folder / "model.npz")
    return load_model(folder / "model.npz")


@pytest.mark.parametrize("name", ["adam", "rmsprop", SGD(momentum=0.9), "sgd"])
def test_training_goes_on_bit_for_bit_after_loading(name, tmp_path):
    model = trained(name, epochs=3)
    loaded = saved_and_loaded(model, tmp_path)
    for each in (model, loaded):
        train(each, epochs=3)
    assert equal(loaded.get_weights(), model.get_weights())
    assert equal(loaded.optimizer_state(), model.optimizer_state())


@pytest.mark.parametrize("rate", [0.2, 0])
def test_training_goes_on_with_the_learning_rate_that_a_schedule_has_reached(rate, tmp_path):
    class Schedule(Callback):
        def on_epoch_end(self, epoch, logs):
            self.model.optimizer.learning_rate = rate

    model = trained("adam", callbacks=[Schedule()])
    loaded = saved_and_loaded(model, tmp_path)
    for each in (model, loaded):
        train(each)
    assert loaded.optimizer.learning_rate == model.optimizer.learning_rate
    assert equal(loaded.get_weights(), model.get_weights())


def test_training_goes_on_where_early_stopping_put_the_best_weights_back(tmp_path):
    model = trained(SGD(0.9, 0.9), epochs=9, callbacks=[EarlyStopping("loss", patience=2)])
    loaded = saved_and_loaded(model, tmp_path)
    for each in (model, loaded):
        train(each)
    assert equal(loaded.get_weights(), model.get_weights())


def test_reset_weights_forgets_the_optimizers_state_from_a_file(tmp_path):
    model = trained("adam", epochs=3)
    loaded = saved_and_loaded(model, tmp_path)
    for each in (model, loaded):
        set_random_seed(4)
        each.reset_weights()
        train(each)
    assert equal(loaded.get_weights(), model.get_weights())


def test_an_optimizer_that_went_on_to_another_model_leaves_no_state_in_the_file(tmp_path):
    optimizer = Adam()
    model = trained(optimizer)
    trained(optimizer)
    assert saved_and_loaded(model, tmp_path).optimizer_state() == []


def test_weights_that_are_no_longer_trained_leave_no_state_in_the_file(tmp_path):
    model = trained("adam")
    model.layers[0].trainable = False
    assert saved_and_loaded(model, tmp_path).optimizer_state() == []


def test_training_on_with_dropout_is_repeatable_from_the_seed(tmp_path):
    trained("adam", Dropout(0.5, input_shape=(3,))).save(tmp_path / "model.npz")
    weights = []
    for _ in range(2):
        set_random_seed(4)
        model = load_model(tmp_path / "model.npz")
        model.fit(X, Y, batch_size=4, verbose=0)
        weights.append(model.get_weights())
    assert equal(*weights)


def test_states_of_stateful_layers_start_at_zero_after_loading(tmp_path):
    model = Sequential([GRU(2, stateful=True, input_shape=(3, 1))])
    model.predict(X[..., None], batch_size=10)
    loaded = saved_and_loaded(model, tmp_path)
    assert model.states[0].get_value().any()
    assert not loaded.states[0].get_value().any()


def test_the_order_of_the_arrays_in_a_file_does_not_matter(tmp_path):
    path = tmp_path / "model.npz"
    model = trained("adam")
    model.save(path)
    with np.load(path) as file:
        arrays = {name: file[name] for name in reversed(file.files)}
    np.savez(path, **arrays)
    assert equal(load_model(path).optimizer_state(), model.optimizer_state())


def test_a_file_of_format_1_is_trained_on_with_a_new_optimizer_state(tmp_path):
    path = tmp_path / "model.npz"
    model = trained("adam")
    model.save(path)
    state = [f"optimizer_{i}" for i in range(len(model.optimizer_state()))]
    with_weights(path, **dict.fromkeys(state))
    with_plan(path, format=1)
    loaded = load_model(path)
    assert equal(loaded.get_weights(), model.get_weights())
    train(loaded)
    assert loaded.optimizer_state()[0] == 3  # steps


OPTIMIZERS = [
    SGD(0.3, momentum=0.5, clipvalue=0.2),
    RMSprop(0.3, rho=0.5, epsilon=1e-3, clipnorm=0.2),
    Adam(0.3, beta_1=0.5, beta_2=0.6, epsilon=1e-3, global_clipnorm=0.2),
    Adam(np.float32(0.3), clipnorm=np.float32(0.5)),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizer_settings_survive(optimizer, tmp_path):
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile(optimizer, "mse")
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert type(loaded.optimizer) is type(optimizer)
    assert loaded.optimizer.config() == optimizer.config()


@pytest.mark.parametrize(
    "loss",
    [BinaryCrossentropy(True), SparseCategoricalCrossentropy(), CategoricalCrossentropy(True)],
)
def test_loss_and_metrics_survive(loss, tmp_path):
    model = Sequential([Dense(2, input_shape=(3,))])
    model.compile("adam", loss, metrics=["accuracy"])
    model.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    assert type(loaded.loss) is type(loss)
    assert loaded.loss.config() == loss.config()
    assert list(loaded.metrics) == ["accuracy"]


def test_a_model_without_compile_can_be_saved(tmp_path, dense):
    model = Sequential([Dense(1, input_shape=(3,))])
    model.save(tmp_path / "model.npz")
    assert load_model(tmp_path / "model.npz").loss is None


def test_a_file_keeps_the_name_it_was_given(tmp_path, dense):
    dense.save(str(tmp_path / "model"))
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert equal(load_model(str(tmp_path / "model")).get_weights(), dense.get_weights())


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_a_saved_file_can_be_read_by_whom_the_umask_allows(tmp_path, dense):
    dense.save(tmp_path / "model.npz")
    (tmp_path / "other").touch()
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("model.npz", "other")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError("disk full")])
def test_an_interrupted_save_leaves_the_old_file_and_no_other(tmp_path, dense, monkeypatch, error):
    path = tmp_path / "model.npz"
    dense.save(path)
    before = path.read_bytes()

    def interrupted(file, **arrays):
        file.write(b"half of")
        raise error

    monkeypatch.setattr(saving.np, "savez", interrupted)
    with pytest.raises(type(error) if isinstance(error, OSError) else error):
        dense.save(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["model.npz"]


def test_a_model_with_a_function_of_ones_own_is_refused_before_anything_is_written(tmp_path):
    model = Sequential([Dense(1, activation=activations.relu, input_shape=(3,))])
    with pytest.raises(ValueError, match="functions of your own"):
        model.save(tmp_path / "model.npz")
    assert not list(tmp_path.iterdir())


def test_a_model_too_large_to_be_loaded_again_is_not_saved(tmp_path):
    model = Sequential([Dropout(0.1, input_shape=(3,), name=str(i) * 300) for i in range(300)])
    with pytest.raises(ValueError, match=r"too many layers.*get_weights"):
        model.save(tmp_path / "model.npz")
    assert not list(tmp_path.iterdir())


def test_reset_weights_works_for_a_layer_of_ones_own():
    class Doubling(Dense):
        def call(self, x, mask=None, training=False):
            return 2 * super().call(x, mask, training)

    model = Sequential([Doubling(2, input_shape=(3,))])
    before = model.get_weights()
    model.reset_weights()
    assert not equal(model.get_weights(), before)


def test_reset_weights_works_below_an_embedding_of_known_length():
    model = Sequential([Embedding(5, 2, input_shape=(3,)), GRU(2), Dense(1)])
    before = model.get_weights()
    model.reset_weights()
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_an_embedding_of_known_length_is_saved(tmp_path):
    model = Sequential([Embedding(5, 2, input_shape=(3,)), GRU(2), Dense(1)])
    model.save(tmp_path / "model.npz")
    assert load_model(tmp_path / "model.npz").layers[0].input_shape == (3,)


def test_reset_weights_draws_both_directions_anew():
    model = Sequential([Bidirectional(GRU(2), merge_mode="sum", input_shape=(4, 3))])
    before = model.get_weights()
    model.reset_weights()
    changed = [not np.array_equal(a, b) for a, b in zip(model.get_weights(), before)]
    assert changed == [True, True, False] * 2  # biases start at zero
