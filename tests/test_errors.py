"""Bad input: an error that names what was given and what was expected, before anything is
compiled or overwritten. Not one function is compiled in this file.
"""

from functools import partial

import numpy as np
import pytest

import course_lib.models.graph
from course_lib import activations, initializers, losses, metrics, optimizers
from course_lib.backend import T
from course_lib.baselines import AR
from course_lib.cells import GRUCell
from course_lib.datasets import windows
from course_lib.layers import (
    GRU,
    IRNN,
    LSTM,
    AttentionDecoder,
    Bidirectional,
    Dense,
    Dropout,
    EchoState,
    Embedding,
    Masking,
    SimpleRNN,
    recurrent_layer,
)
from course_lib.models import Sequential
from course_lib.optimizers import SGD, Adam, RMSprop
from course_lib.tasks import parity, sine_wave
from course_lib.training import Callback, EarlyStopping

X = np.zeros((8, 5, 2))
Y = np.zeros((8, 1))
NAN, INF = float("nan"), float("inf")


@pytest.fixture(autouse=True)
def nothing_is_compiled(monkeypatch):
    def function(*args, **kwargs):
        pytest.fail("a function was compiled before the input was checked")

    monkeypatch.setattr(course_lib.models.graph, "function", function)


def compiled(*layers, loss="mse", **options):
    model = Sequential(layers)
    model.compile(optimizer="sgd", loss=loss, **options)
    return model


def regression():
    """Inputs (samples, 5, 2), outputs (samples, 1)."""
    return compiled(GRU(3, input_shape=(5, 2)), Dense(1))


def classification(loss="sparse_categorical_crossentropy", outputs=3):
    """Inputs (samples, 2), outputs (samples, `outputs`)."""
    return compiled(Dense(outputs, "softmax", input_shape=(2,)), loss=loss)


def words(call, *expected, error=ValueError):
    """`call` raises an `error` whose message contains all `expected`."""
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    missing = [word for word in expected if word not in message]
    assert not missing, f"the message does not mention {missing}: {message}"


def changed(array, value):
    """A copy of `array` with `value` in its middle."""
    array = array.copy()
    array.flat[array.size // 2] = value
    return array


# --- data ---------------------------------------------------------------------------------

BAD_X = {
    "a wrong number of features": (np.zeros((8, 5, 3)), ["(samples, 5, 2)", "(8, 5, 3)"]),
    "a wrong number of time steps": (np.zeros((8, 6, 2)), ["(samples, 5, 2)", "(8, 6, 2)"]),
    "a missing axis": (np.zeros((8, 5)), ["(samples, 5, 2)", "(8, 5)", "X[..., None]"]),
    "an axis too many": (np.zeros((8, 5, 2, 1)), ["(samples, 5, 2)", "(8, 5, 2, 1)"]),
    "no axis": (3.0, ["(samples, 5, 2)", "()"]),
    "no samples": (np.zeros((0, 5, 2)), ["X is empty", "(0, 5, 2)"]),
    "an empty list": ([], ["X is empty", "(0,)"]),
    "NaN": (changed(X, NAN), ["X contains 1 value", "NaN", "(4, 0, 0)"]),
    "infinity": (changed(X, -INF), ["X contains 1 value", "infinite", "(4, 0, 0)"]),
    "numbers beyond float32": (changed(X, 1e300), ["X ", "1e+300"]),
    "text": ([["a", "b"]], ["X must be an array of numbers", "list"]),
    "nothing": (None, ["X must be an array of numbers", "NoneType"]),
    "complex numbers": (X + 1j, ["X must be an array of numbers", "complex128"]),
}


@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.parametrize("what", BAD_X)
def test_fit_evaluate_and_predict_refuse_inputs_with(what):
    model, (data, expected) = regression(), BAD_X[what]
    before = model.get_weights()
    words(lambda: model.fit(data, Y), *expected)
    words(lambda: model.evaluate(data, Y), *expected)
    words(lambda: model.predict(data), *expected)
    assert not model.functions
    assert all(map(np.array_equal, before, model.get_weights()))


@pytest.mark.filterwarnings("ignore:Creating an ndarray from ragged")
def test_fit_refuses_sequences_of_different_lengths():
    words(lambda: regression().fit([[[1, 2]], [[1, 2], [3, 4]]], Y), "same shape", "list")


def test_any_length_is_named_any_in_the_expected_shape():
    model = compiled(GRU(3, input_shape=(None, 2)), Dense(1))
    words(lambda: model.fit(np.zeros((8, 6, 3)), Y), "(samples, any, 2)", "(8, 6, 3)")


BAD_Y = {
    "another number of samples": (np.zeros((7, 1)), ["8 samples", "7"]),
    "no samples": (np.zeros((0, 1)), ["8 samples", "0"]),
    "a wrong number of columns": (np.zeros((8, 2)), ["(8, 1)", "(8, 2)"]),
    "an axis too many": (np.zeros((8, 5, 1)), ["(8, 1)", "(8, 5, 1)"]),
    "NaN": (changed(Y, NAN), ["y contains 1 value", "NaN", "(4, 0)"]),
    "infinity": (changed(Y, INF), ["y contains 1 value", "infinite", "(4, 0)"]),
    "numbers beyond float32": (changed(Y, 1e300), ["y ", "1e+300"]),
    "text": (["a"] * 8, ["y must be an array of numbers", "list"]),
}


@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.parametrize("what", BAD_Y)
def test_fit_and_evaluate_refuse_targets_with(what):
    model, (y, expected) = regression(), BAD_Y[what]
    words(lambda: model.fit(X, y), *expected)
    words(lambda: model.evaluate(X, y), *expected)
    assert not model.functions


@pytest.mark.parametrize("y", [None, 3.0])
def test_fit_refuses_a_target_that_is_not_an_array(y):
    words(lambda: regression().fit(X, y), "8 samples", "y")


def test_fit_refuses_validation_data_that_does_not_fit():
    model = regression()
    bad = np.zeros((8, 5, 3))
    words(lambda: model.fit(X, Y, validation_data=(bad, Y)), "(samples, 5, 2)", "(8, 5, 3)")


SPARSE = "sparse_categorical_crossentropy"
ONE_HOT = "categorical_crossentropy"
BAD_LABELS = {
    "sparse: too large": (SPARSE, [0, 1, 3], ["0 to 2", "3 outputs", "0 to 3"]),
    "sparse: negative": (SPARSE, [0, 1, -1], ["0 to 2", "-1 to 1"]),
    "sparse: fraction": (SPARSE, [0, 1, 0.5], ["whole numbers", "0 to 2"]),
    "sparse: one-hot": (SPARSE, np.eye(3), ["(3,)", "(3, 3)", "class number"]),
    "sparse: one-hot is for": (SPARSE, np.eye(3), ["choose loss='categorical_crossentropy'"]),
    "categorical: class numbers": (ONE_HOT, [0, 1, 2], ["(3, 3)", "got (3,)", f"loss='{SPARSE}'"]),
    "categorical: a column of them": (ONE_HOT, [[0], [1], [2]], ["got (3, 1)", f"loss='{SPARSE}'"]),
    "categorical: all in a row": (
        ONE_HOT,
        np.full((3, 3), 2),
        ["2 to 2 that add up to 6", "row (0,)"],
    ),
    "categorical: adds up to 2": (ONE_HOT, np.eye(3) + np.eye(3)[:, ::-1], ["up to 1", SPARSE]),
    "categorical: all 0": (
        ONE_HOT,
        np.diag([1, 1, 0]),
        ["0 to 0 that add up to 0 in row (2,)", SPARSE],
    ),
    "categorical: negative": (ONE_HOT, np.eye(3) * 2 - np.eye(3)[::-1], ["one-hot", "row (0,)"]),
    "categorical: more classes": (ONE_HOT, np.eye(4)[:3], ["(3, 3)", "got (3, 4)"]),
    "binary: above 1": ("binary_crossentropy", np.full((3, 3), 2), ["between 0 and 1", "2 to 2"]),
    "binary: below 0": ("binary_crossentropy", np.full((3, 3), -1), ["between 0 and 1", "-1"]),
}


@pytest.mark.parametrize("what", BAD_LABELS)
def test_fit_refuses_labels_out_of_range(what):
    loss, y, expected = BAD_LABELS[what]
    model = classification(loss)
    words(lambda: model.fit(np.zeros((3, 2)), y), *expected)
    assert not model.functions


EACH_STEP = ": for a target per time step the last recurrent layer needs return_sequences=True"
AT_END = ": for one target per sequence the last recurrent layer needs return_sequences=False"
# The loss, whether the outputs (3, 5, 2) have a time axis, the shape of the targets, the hint.
BAD_RANKS = {
    "mse: a step too many": ("mse", False, (3, 5, 2), EACH_STEP),
    "mse: a step too many, one output": ("mse", False, (3, 5, 1), EACH_STEP),
    "mse: one per sequence": ("mse", True, (3, 2), AT_END),
    "mse: one number per sequence": ("mse", True, (3,), AT_END),
    "mse: a column": ("mse", True, (3, 1), AT_END),
    "mse: as many as steps": ("mse", True, (3, 4), "got (3, 4)"),
    "binary: steps": ("binary_crossentropy", False, (3, 5, 2), EACH_STEP),
    "binary: ends": ("binary_crossentropy", True, (3, 2), AT_END),
    "sparse: steps": (SPARSE, False, (3, 5), EACH_STEP),
    "sparse: steps with an axis": (SPARSE, False, (3, 5, 1), EACH_STEP),
    "sparse: one-hot steps": (SPARSE, False, (3, 5, 2), EACH_STEP),
    "sparse: ends": (SPARSE, True, (3,), AT_END),
    "sparse: ends with an axis": (SPARSE, True, (3, 1), AT_END),
    "sparse: one-hot ends": (SPARSE, True, (3, 2), AT_END),
    "sparse: one-hot": (SPARSE, True, (3, 5, 2), f"choose loss='{ONE_HOT}'"),
    "categorical: steps": (ONE_HOT, False, (3, 5, 2), EACH_STEP),
    "categorical: ends": (ONE_HOT, True, (3, 2), AT_END),
    "categorical: numbers of ends": (ONE_HOT, True, (3,), AT_END),
    "categorical: numbers of steps": (ONE_HOT, True, (3, 5), f"choose loss='{SPARSE}'"),
    "quantiles: steps": (losses.QuantileLoss([0.1, 0.9]), False, (3, 5, 1), EACH_STEP),
    "quantiles: ends": (losses.QuantileLoss([0.1, 0.9]), True, (3, 1), AT_END),
}


@pytest.mark.parametrize("what", BAD_RANKS)
def test_targets_with_or_without_a_time_axis_lead_to_return_sequences(what):
    loss, sequences, shape, hint = BAD_RANKS[what]
    recurrent = LSTM(4, return_sequences=sequences, input_shape=(5, 1))
    model = compiled(recurrent, Dense(2), loss=loss)
    words(lambda: model.fit(np.zeros((3, 5, 1)), np.zeros(shape)), f"got {shape}", hint)
    assert not model.functions


BAD_SYMBOLS = {
    "too large": ([[0, 1, 4]], ["0 to 3", "0 to 4"]),
    "negative": ([[0, 1, -1]], ["0 to 3", "-1 to 1"]),
    "a fraction": ([[0, 1, 1.5]], ["symbol numbers", "0 to 3"]),
}


@pytest.mark.parametrize("what", BAD_SYMBOLS)
def test_predict_refuses_symbols_that_the_embedding_does_not_have(what):
    symbols, expected = BAD_SYMBOLS[what]
    model = Sequential([Embedding(4, 2), GRU(3)])
    words(lambda: model.predict(symbols), *expected)


# --- options of fit, evaluate and predict -------------------------------------------------

BAD_FIT = {
    "batch_size 0": (dict(batch_size=0), ["batch_size", "at least 1", "got 0"]),
    "batch_size -1": (dict(batch_size=-1), ["batch_size", "at least 1", "got -1"]),
    "batch_size 2.5": (dict(batch_size=2.5), ["batch_size", "whole number", "got 2.5"]),
    "epochs 0": (dict(epochs=0), ["epochs", "at least 1", "got 0"]),
    "epochs '3'": (dict(epochs="3"), ["epochs", "whole number", "got '3'"]),
    "validation_split 1": (dict(validation_split=1), ["validation_split", "0 up to", "got 1"]),
    "validation_split < 0": (dict(validation_split=-0.1), ["validation_split", "got -0.1"]),
    "no training part": (dict(validation_split=0.95), ["validation_split=0.95", "8 samples"]),
    "no validation part": (dict(validation_split=1e-20), ["validation_split=1e-20", "8 samples"]),
    "weights for 7": (dict(sample_weight=np.ones(7)), ["sample_weight", "8 numbers", "(7,)"]),
    "weights per step": (
        dict(sample_weight=np.ones((8, 5))),  # of a model that gives the last output alone
        ["sample_weight", "8 numbers", "(8, 5)"],
    ),
    "weight < 0": (
        dict(sample_weight=changed(np.ones(8), -3)),
        ["sample_weight", "negative", "-3"],
    ),
    "weights all 0": (dict(sample_weight=np.zeros(8)), ["sample_weight", "not all 0"]),
    "weight NaN": (dict(sample_weight=changed(np.ones(8), NAN)), ["sample_weight", "NaN", "(4,)"]),
}


@pytest.mark.parametrize("what", BAD_FIT)
def test_fit_refuses(what):
    model, (options, expected) = regression(), BAD_FIT[what]
    words(lambda: model.fit(X, Y, **options), *expected)
    assert not model.functions


@pytest.mark.parametrize("batch_size", [-1, 2.5])
def test_evaluate_and_predict_refuse_a_batch_size_that_is_not_a_positive_whole_number(batch_size):
    model = regression()
    expected = ["batch_size", "at least 1", str(batch_size)]
    words(lambda: model.evaluate(X, Y, batch_size=batch_size), *expected)
    words(lambda: model.predict(X, batch_size=batch_size), *expected)


def test_evaluate_and_predict_refuse_a_batch_size_of_0():
    model = regression()
    words(lambda: model.evaluate(X, Y, batch_size=0), "batch_size", "at least 1", "got 0")
    words(lambda: model.predict(X, batch_size=0), "batch_size", "at least 1", "got 0")


def stateful():
    return compiled(LSTM(3, stateful=True, input_shape=(5, 2)), Dense(1))


def test_a_stateful_model_refuses_a_number_of_samples_that_batches_do_not_divide():
    model = stateful()
    words(lambda: model.fit(X, Y, batch_size=3), "divisible", "batch_size 3", "got 8")
    words(lambda: model.evaluate(X, Y, batch_size=3), "divisible", "batch_size 3", "got 8")
    words(lambda: model.predict(X, batch_size=3), "divisible", "batch_size 3", "got 8")
    assert not model.functions


def test_a_stateful_model_refuses_such_validation_data_before_it_trains():
    model = stateful()
    validation = (X[:6], Y[:6])
    words(
        lambda: model.fit(X, Y, batch_size=4, validation_data=validation),
        *("divisible", "batch_size 4", "got 6"),
    )


# --- names --------------------------------------------------------------------------------


def choices(table):
    return ", ".join(sorted(table))


UNKNOWN = [
    ("loss", lambda: compiled(Dense(1), loss="nope"), losses.LOSSES),
    ("optimizer", lambda: Sequential().compile("nope", "mse"), optimizers.OPTIMIZERS),
    ("metric", lambda: compiled(Dense(1), metrics=["nope"]), metrics.METRICS),
    ("activation", lambda: Dense(1, activation="nope"), activations.ACTIVATIONS),
    ("activation", lambda: GRU(1, activation="nope"), activations.ACTIVATIONS),
    ("activation", lambda: LSTM(1, recurrent_activation="nope"), activations.ACTIVATIONS),
    ("initializer", lambda: Dense(1, kernel_initializer="nope"), initializers.INITIALIZERS),
    ("initializer", lambda: GRU(1, recurrent_initializer="nope"), initializers.INITIALIZERS),
    ("initializer", lambda: Embedding(2, 1, "nope"), initializers.INITIALIZERS),
    ("merge_mode", lambda: Bidirectional(GRU(1), "nope"), ["ave", "concat", "mul", "sum"]),
]


@pytest.mark.parametrize("kind, call, table", UNKNOWN)
def test_an_unknown_name_lists_the_choices(kind, call, table):
    words(call, f"unknown {kind} 'nope'", choices(table))


@pytest.mark.parametrize("name", [3, None, ["adam"]])
def test_a_name_that_is_no_text_is_an_unknown_name(name):
    words(lambda: optimizers.get(name), f"unknown optimizer {name!r}", "adam, rmsprop, sgd")


def test_compile_without_a_loss_lists_the_choices():
    words(lambda: Sequential().compile("adam"), "loss", choices(losses.LOSSES))


def test_a_failed_compile_keeps_the_settings_of_the_one_before():
    model = regression()
    loss, optimizer = model.loss, model.optimizer
    words(lambda: model.compile("adam", "mae", metrics=["nope"]), "nope")
    assert (model.loss, model.optimizer) == (loss, optimizer)


@pytest.mark.parametrize("name", ["acc", "accuracy"])
def test_accuracy_needs_a_cross_entropy(name):
    words(lambda: compiled(Dense(1), metrics=[name]), f"{name} counts", "cross-entropy", "mae")


@pytest.mark.parametrize("loss", [ONE_HOT, "mse"])
def test_a_decoder_that_reads_class_numbers_needs_a_loss_for_them(loss):
    model = compiled(GRU(3, return_sequences=True, input_shape=(5, 2)), AttentionDecoder(4, 2, 3))
    model.compile("sgd", loss)
    words(
        lambda: model.fit(X, np.zeros((8, 2, 4))),
        *("'attention_decoder' reads class numbers", f"'{SPARSE}'", type(model.loss).__name__),
    )


def test_one_output_is_not_for_categorical_cross_entropy():
    model = classification(ONE_HOT, outputs=1)
    words(lambda: model.fit(np.zeros((3, 2)), np.ones((3, 1))), "got 1", "binary_crossentropy")


def test_squared_error_of_class_numbers_is_refused():
    words(lambda: compiled(Dense(3), loss=SPARSE, metrics=["mse"]), "mse", "accuracy")


# --- models before they are ready ---------------------------------------------------------


@pytest.mark.parametrize("method", ["count_params", "get_weights", "summary"])
def test_a_model_without_weights_says_what_it_lacks(method):
    model = Sequential([GRU(3), Dense(1)])
    words(getattr(model, method), method, "no", "input_shape", "fit")


def test_predict_before_build_is_refused():
    model = Sequential([GRU(3), Dense(1)])
    words(lambda: model.predict(X), "predict", "input_shape", "fit")


def test_evaluate_before_build_is_refused():
    model = compiled(GRU(3), Dense(1))
    words(lambda: model.evaluate(X, Y), "evaluate", "input_shape", "fit")


def test_set_weights_before_build_is_refused():
    model = Sequential([Dense(1)])
    words(lambda: model.set_weights([np.zeros((2, 1)), [0]]), "set_weights", "input_shape")


def test_save_before_build_writes_no_file(tmp_path):
    model = Sequential([GRU(3), Dense(1)])
    words(lambda: model.save(tmp_path / "m.npz"), "save", "input_shape")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_a_model_without_compile_says_so(method):
    model = Sequential([GRU(3, input_shape=(5, 2)), Dense(1)])
    words(lambda: getattr(model, method)(X, Y), method, "compile(")


def test_fit_of_a_model_without_layers_is_refused():
    model = compiled()
    words(lambda: model.fit(X, Y), "no layers")


def test_a_build_that_fails_halfway_leaves_the_model_without_weights():
    model = compiled(Dense(3), GRU(2))
    words(lambda: model.fit(np.zeros((8, 4)), np.zeros((8, 2))), "(batch, time, features)")
    assert not model.built
    words(lambda: model.predict(np.zeros((8, 5, 4))), "predict", "input_shape", "fit")


# --- layers -------------------------------------------------------------------------------

BAD_LAYERS = {
    "units 0": (lambda: GRU(0), ["units", "at least 1", "got 0"]),
    "units -2": (lambda: Dense(-2), ["units", "at least 1", "got -2"]),
    "units 1.5": (lambda: SimpleRNN(1.5), ["units", "whole number", "got 1.5"]),
    "units True": (lambda: LSTM(True), ["units", "whole number", "got True"]),
    "input_dim 0": (lambda: Embedding(0, 2), ["input_dim", "at least 1", "got 0"]),
    "output_dim 0": (lambda: Embedding(2, 0), ["output_dim", "at least 1", "got 0"]),
    "rate 1": (lambda: Dropout(1), ["rate", "0 up to", "got 1"]),
    "rate -0.5": (lambda: Dropout(-0.5), ["rate", "0 up to", "got -0.5"]),
    "rate text": (lambda: Dropout("0.5"), ["rate", "number", "got '0.5'"]),
    "input_shape number": (lambda: GRU(1, input_shape=5), ["input_shape", "(50, 1)", "got 5"]),
    "input_shape 0": (lambda: GRU(1, input_shape=(0, 1)), ["input_shape", "got (0, 1)"]),
    "input_shape text": (lambda: GRU(1, input_shape="ab"), ["input_shape", "got 'ab'"]),
    "Bidirectional Dense": (lambda: Bidirectional(Dense(1)), ["recurrent layer", "Dense"]),
    "Bidirectional stateful": (lambda: Bidirectional(GRU(1, stateful=True)), ["stateful"]),
    "identity 2x3": (
        lambda: Dense(3, kernel_initializer="identity").build((2,)),
        ["identity", "(2, 3)"],
    ),
}


@pytest.mark.parametrize("what", BAD_LAYERS)
def test_a_layer_refuses(what):
    call, expected = BAD_LAYERS[what]
    words(call, *expected)


# What is called, and what the message names besides.
UNKNOWN_OPTIONS = {
    "LSTM unroll": (LSTM, ["return_sequences, ", "unit_forget_bias, units, use_bias, zoneout."]),
    "LSTM retrun_sequences": (LSTM, ["did you mean 'return_sequences'?"]),
    "GRU batch_input_shape": (GRU, ["did you mean 'input_shape'?", "reset_after, "]),
    "GRU unit_forget_bias": (GRU, ["recurrent_initializer, reset_after"]),
    "IRNN kernel_regularizer": (IRNN, ["'kernel_regularizer'. Its options are activation, "]),
    "EchoState kernel_initializer": (EchoState, ["input_scale, input_shape, leak"]),
    "GRUCell stateful": (GRUCell, ["recurrent_initializer, reset_after"]),
    "Dense kernel_init": (Dense, ["input_shape, kernel_initializer, name, trainable, units, "]),
    "Embedding input_length": (Embedding, ["embeddings_initializer, input_dim"]),
    "Dropout noise_shape": (Dropout, ["input_shape, name, rate, trainable."]),
    "Masking mask_values": (Masking, ["did you mean 'mask_value'?"]),
    "Bidirectional backward_layer": (Bidirectional, ["input_shape, layer, merge_mode"]),
    "AttentionDecoder heads": (AttentionDecoder, ["attention, attention_units"]),
    "Adam lr": (Adam, ["beta_1, beta_2, clipnorm"]),
    "SGD nesterov": (SGD, ["global_clipnorm, learning_rate, momentum."]),
    "EarlyStopping mode": (EarlyStopping, ["min_delta, monitor, patience."]),
    "Sequential name": (Sequential, ["Its options are layers."]),
    "Callback verbose": (Callback, ["Its options are none."]),
    "QuantileLoss quantile": (losses.QuantileLoss, ["did you mean 'quantiles'?"]),
    "MGU groups": (partial(recurrent_layer, "MGU", 3), ["activation, bias_initializer"]),
}


@pytest.mark.parametrize("what", UNKNOWN_OPTIONS)
def test_an_unknown_option_is_refused_in_the_name_of_the_class_that_was_written(what):
    (name, option), (kind, expected) = what.split(), UNKNOWN_OPTIONS[what]
    words(
        lambda: kind(**{option: 1}), f"{name} has no option '{option}'", *expected, error=TypeError
    )


@pytest.mark.parametrize("kind", [SimpleRNN, LSTM, GRU])
def test_options_whose_place_differs_in_keras_are_not_taken_by_place(kind):
    words(lambda: kind(3, "tanh", "sigmoid"), "positional", error=TypeError)


def test_a_subclass_with_options_of_its_own_hands_the_others_on():
    class Named(Dense):
        def __init__(self, units, title="", **options):
            super().__init__(units, **options)

    assert Named(2, title="a", activation="tanh").config()["activation"] == "tanh"
    words(
        lambda: Named(2, titel="a"),
        "Named has no option",
        "'title'",
        "units, use_bias.",
        error=TypeError,
    )


def test_an_unknown_option_of_a_call_is_refused_in_the_name_of_the_layer():
    layer = Dense(2)
    layer.build((3,))
    words(
        lambda: layer(T.matrix(), initial_state=[]),
        *("a call of Dense has no option 'initial_state'", "mask, training, x."),
        error=TypeError,
    )


BAD_STACKS = {
    "not a layer": ([3], ["layer such as", "got 3"]),
    "a layer class": ([GRU], ["layer such as", "GRU"]),
    "return_state": ([GRU(2, return_state=True)], ["return_state"]),
    "return_state inside": ([Bidirectional(GRU(2, return_state=True))], ["return_state"]),
    "GRU on vectors": ([Dense(2, input_shape=(4,)), GRU(2)], ["GRU", "(batch, time", "(batch, 2)"]),
    "LSTM on the last output": (
        [LSTM(2, input_shape=(5, 1)), LSTM(3)],
        [
            "LSTM 'lstm_1'",
            "got (batch, 2): a recurrent layer before it, if any, needs return_sequences",
        ],
    ),
    "Bidirectional on the last output": (
        [Bidirectional(LSTM(2), input_shape=(5, 1)), Bidirectional(LSTM(3))],
        [
            "LSTM 'lstm'",
            "got (batch, 4): a recurrent layer before it, if any, needs return_sequences",
        ],
    ),
    "AttentionDecoder on the last output": (
        [GRU(2, input_shape=(5, 1)), AttentionDecoder(3, 2, 4)],
        ["AttentionDecoder", "got (batch, 2)", "return_sequences=True"],
    ),
    "LSTM of numbers": ([LSTM(2, input_shape=(None,))], ["got (batch, None): (None, 1) is the"]),
    "Masking of vectors": (
        [Masking(input_shape=(4,))],
        ["Masking", "got (batch, 4): (4, 1) is the input_shape"],
    ),
    "GRU after last output": (
        [GRU(2, input_shape=(5, 1)), GRU(3)],
        ["GRU", "(batch, time, features)", "(batch, 2)"],
    ),
    "Embedding on sequences": ([Embedding(3, 2, input_shape=(5, 1))], ["Embedding", "(batch, 5"]),
    "unknown features": ([GRU(2, input_shape=(5, None))], ["number of features", "(5, None)"]),
    "unknown columns": ([Dense(2, input_shape=(None,))], ["number of features", "(None,)"]),
}


@pytest.mark.parametrize("what", BAD_STACKS)
def test_sequential_refuses(what):
    layers, expected = BAD_STACKS[what]
    words(lambda: Sequential(layers), *expected)


def test_the_same_layer_twice_is_refused():
    layer = Dense(2, name="twice")
    words(lambda: Sequential([layer, layer]), "'twice'", "already")


def test_a_layer_that_cannot_follow_is_not_added():
    model = Sequential([GRU(2, input_shape=(5, 1))])
    words(lambda: model.add(GRU(3)), "(batch, time, features)")
    assert len(model.layers) == 1
    model.add(Dense(1))
    assert model.count_params() == 3 * (2 * 1 + 2 * 2 + 2 * 2) + 3


def test_a_layer_refuses_a_call_before_build():
    words(lambda: GRU(2, name="early")(None), "'early'", "build(input_shape)")


# --- weights ------------------------------------------------------------------------------


def ones_like_weights(model):
    return [np.ones_like(w) for w in model.get_weights()]


BAD_WEIGHTS = {
    "an array missing": (lambda w: w[:-1], ["5 weight arrays", "got 4"]),
    "an array too many": (lambda w: [*w, w[0]], ["5 weight arrays", "got 6"]),
    "a wrong shape": (lambda w: [*w[:-1], np.ones(2)], ["(1,)", "(2,)"]),
    "a transposed matrix": (lambda w: [w[0].T, *w[1:]], ["(2, 9)", "(9, 2)"]),
    "NaN": (lambda w: [*w[:-1], [NAN]], ["NaN", "weight 1", "'dense'"]),
    "infinity": (lambda w: [*w[:-1], [INF]], ["infinite", "weight 1", "'dense'"]),
    "text": (lambda w: [*w[:-1], ["a"]], ["array of numbers", "weight 1", "'dense'"]),
}


@pytest.mark.parametrize("what", BAD_WEIGHTS)
def test_set_weights_changes_nothing_when_there_is(what):
    model, (spoil, expected) = regression(), BAD_WEIGHTS[what]
    before = model.get_weights()
    words(lambda: model.set_weights(spoil(ones_like_weights(model))), *expected)
    assert all(map(np.array_equal, before, model.get_weights()))


def test_a_layer_names_itself_and_both_lists_of_shapes_when_weights_do_not_fit():
    layer = Dense(2, name="head")
    layer.build((3,))
    words(lambda: layer.set_weights([np.ones((2, 3))]), "'head'", "2 arrays", "(3, 2)", "got 1")


# --- optimizers, callbacks, tasks, baselines ----------------------------------------------

BAD_OPTIONS = {
    "learning_rate 0": (lambda: Adam(0), ["learning_rate", "got 0"]),
    "learning_rate -1": (lambda: SGD(-1), ["learning_rate", "got -1"]),
    "learning_rate NaN": (lambda: SGD(NAN), ["learning_rate", "got nan"]),
    "learning_rate infinite": (lambda: SGD(INF), ["learning_rate", "got inf"]),
    "learning_rate text": (lambda: SGD("0.1"), ["learning_rate", "number", "got '0.1'"]),
    "momentum 1": (lambda: SGD(momentum=1), ["momentum", "0 up to", "got 1"]),
    "rho 1": (lambda: RMSprop(rho=1), ["rho", "0 up to", "got 1"]),
    "beta_1 1": (lambda: Adam(beta_1=1), ["beta_1", "0 up to", "got 1"]),
    "clipnorm 0": (lambda: Adam(clipnorm=0), ["clipnorm", "got 0"]),
    "clipvalue -1": (lambda: Adam(clipvalue=-1), ["clipvalue", "got -1"]),
    "two ways of clipping": (
        lambda: Adam(clipnorm=1, clipvalue=1),
        ["one way of clipping", "clipnorm and clipvalue"],
    ),
    "seq_length 0": (lambda: sine_wave(0, 3), ["seq_length", "got 0"]),
    "num_samples 0": (lambda: sine_wave(3, 0), ["num_samples", "got 0"]),
    "length 0": (lambda: parity(0, 3), ["length", "got 0"]),
    "windows as long as the series": (lambda: windows(np.ones(4), 4), ["more than 4", "(4,)"]),
    "windows of three axes": (lambda: windows(np.ones((9, 1, 2)), 4), ["(time,)", "(9, 1, 2)"]),
    "windows of two features": (lambda: windows(np.ones((9, 2)), 4), ["2 features", "target="]),
    "windows of 0": (lambda: windows(np.ones(9), 0), ["length", "got 0"]),
    "windows with NaN": (lambda: windows([1, NAN, 2], 1), ["series", "NaN", "(1,)"]),
    "AR(0)": (lambda: AR(0), ["p must be", "got 0"]),
    "AR(3) on windows of 2": (
        lambda: AR(3).fit(np.ones((9, 2, 1)), np.ones(9)),
        ["AR(3)", "at least 3", "(9, 2, 1)"],
    ),
}


@pytest.mark.parametrize("what", BAD_OPTIONS)
def test_an_error_names_the_option_and_the_value(what):
    call, expected = BAD_OPTIONS[what]
    words(call, *expected)


def test_early_stopping_on_a_figure_that_is_not_there_lists_those_that_are():
    stopping = EarlyStopping(monitor="val_loss")
    stopping.on_train_begin()
    words(
        lambda: stopping.on_epoch_end(0, {"loss": 1.0, "mae": 0.5}),
        *("'val_loss'", "loss, mae", "validation_split"),
    )


@pytest.mark.parametrize("weights", [np.r_[np.zeros(6), 1, 1], np.r_[np.ones(6), 0, 0]])
def test_a_split_into_a_part_without_any_weight_is_refused(weights):
    model = regression()
    words(
        lambda: model.fit(X, Y, validation_split=0.25, sample_weight=weights),
        *("validation_split=0.25", "sample_weight above 0"),
    )
