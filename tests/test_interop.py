"""Weights to and from Keras and PyTorch, tested on figures that they computed.

How the figures were made: make_interop_trained.py, make_keras_interop.py and
make_torch_interop.py in tests/reference/.
"""

from pathlib import Path

import numpy as np
import pytest

from course_lib.backend import T, function
from course_lib.exercises.ch11 import keras_predicts, torch_predicts
from course_lib.interop import from_keras, from_torch, to_keras, to_torch
from course_lib.layers import (
    ARCHITECTURES,
    GRU,
    IRNN,
    LSTM,
    AttentionDecoder,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Masking,
    SimpleRNN,
)
from course_lib.models import Sequential
from tests.test_errors import words

FOLDER = Path(__file__).parent / "reference"
ALL = {"return_sequences": True}


def figures(file, case):
    """All arrays of one case of a file, by what comes after its name."""
    with np.load(FOLDER / f"{file}.npz", allow_pickle=False) as arrays:
        return part({name: arrays[name] for name in arrays.files}, case)


def part(arrays, start):
    return {k[len(start) + 1 :]: a for k, a in arrays.items() if k.startswith(f"{start}/")}


def agrees(ours, theirs, tolerance=1e-6):
    """Within `tolerance` of the largest number."""
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * max(1, abs(theirs).max()))


def same(ours, theirs):
    """Equal to the last bit, in the same order and of the same type."""
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_array_equal(a, b)


# --- the models of the figures ------------------------------------------------------------


def every_layer():
    return Sequential(
        [
            Embedding(7, 5, mask_zero=True, input_shape=(6,)),
            Dropout(0.2),
            Bidirectional(LSTM(4, **ALL)),
            GRU(4, reset_after=False, **ALL),
            GRU(5, **ALL),
            IRNN(4),
            Dense(3, "softmax"),
        ]
    )


def merge_modes():
    return Sequential(
        [
            Masking(input_shape=(6, 3)),
            Bidirectional(GRU(4, **ALL), "sum"),
            Bidirectional(LSTM(5, **ALL), "ave"),
            Bidirectional(SimpleRNN(4), "mul"),
            Dense(2),
        ]
    )


def forecaster():
    return Sequential([GRU(8, input_shape=(12, 1), **ALL), Dense(1)])


def tagger(symbols=6, dim=4, units=5, hidden=6, classes=2, time=8):
    return Sequential(
        [
            Embedding(symbols, dim, input_shape=(time,)),
            Bidirectional(LSTM(units, **ALL)),
            Bidirectional(LSTM(units, **ALL)),
            SimpleRNN(hidden, "relu", **ALL),
            Dense(classes, "softmax"),
        ]
    )


TRAINED = {"forecaster": forecaster, "tagger": tagger}


def modules(model):
    """The layers of a trained model as PyTorch groups them: by the prefix of a module's names."""
    if len(model.layers) == 2:
        return {"gru.": model.layers[0], "out.": model.layers[1]}
    embedding, below, above, rnn, dense = model.layers
    return {"embedding.": embedding, "lstm.": [below, above], "rnn.": rnn, "out.": dense}


def state_of(model):
    """The state dict of the whole PyTorch model."""
    state = {}
    for prefix, layers in modules(model).items():
        state.update(to_torch(layers, prefix))
    return state


# --- Keras --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [every_layer, merge_modes])
def test_a_model_of_keras_predicts_the_same_here(make):
    keras, model = figures("keras_interop", make.__name__), make()
    weights = list(part(keras, "weight").values())
    from_keras(model, weights)
    agrees(model.predict(keras["x"]), keras["y"])
    same(to_keras(model), weights)


@pytest.mark.parametrize("name", TRAINED)
def test_keras_predicts_what_a_model_trained_here_predicts(name):
    """Keras loaded what `to_keras` returned, and computed "y"."""
    trained, model = figures("interop_trained", name), TRAINED[name]()
    weights = list(part(trained, "keras").values())
    from_keras(model, weights)
    same(to_keras(model), weights)
    agrees(trained["y"], figures("keras_interop", name)["y"])
    agrees(model.predict(trained["x"]), figures("keras_interop", name)["y"])


def test_one_layer_of_keras_is_enough():
    weights = list(part(figures("interop_trained", "forecaster"), "keras").values())
    layer = GRU(8)
    layer.build((12, 1))
    from_keras(layer, weights[:3])
    same(to_keras(layer), weights[:3])
    same(to_keras([layer]), weights[:3])


def test_exercise_11_5_computes_what_keras_computes():
    trained = figures("interop_trained", "forecaster")
    y = keras_predicts(trained["x"], *part(trained, "keras").values())
    agrees(y, figures("keras_interop", "forecaster")["y"][:, -1])


# --- PyTorch ------------------------------------------------------------------------------

TORCH_LAYERS = {
    "rnn_relu": lambda: [IRNN(4, **ALL)],
    "rnn_both_ways": lambda: [Bidirectional(SimpleRNN(4, **ALL))],
    "gru_two_layers_both_ways": lambda: [Bidirectional(GRU(4, **ALL)) for _ in range(2)],
}


def outputs(layers, x):
    symbol, out = T.tensor3("x"), None
    for layer in layers:
        out = layer(symbol if out is None else out)
    return function([symbol], out, allow_input_downcast=True)(x)


@pytest.mark.parametrize("case", TORCH_LAYERS)
def test_a_module_of_pytorch_computes_the_same_here(case, float64):
    torch, layers = figures("torch_interop", case), TORCH_LAYERS[case]()
    shape = torch["x"].shape[1:]
    for layer in layers:
        layer.build(shape)
        shape = layer.output_shape(shape)
    state = part(torch, "state")
    from_torch(layers, state)
    agrees(outputs(layers, torch["x"]), torch["y"], 1e-12)

    back = to_torch(layers)
    assert list(back) == list(state)
    for name, array in back.items():
        if "bias" not in name or "gru" in case:
            np.testing.assert_array_equal(array, state[name])
        else:  # one bias here, two there: their sum counts
            both = name.replace("_hh_", "_ih_"), name.replace("_ih_", "_hh_")
            np.testing.assert_array_equal(
                sum(back[name] for name in both), sum(state[name] for name in both)
            )


def test_the_last_output_of_both_directions_is_in_the_last_states_of_pytorch(float64):
    torch = figures("torch_interop", "rnn_both_ways")
    layer = Bidirectional(SimpleRNN(4))
    layer.build(torch["x"].shape[1:])
    from_torch(layer, part(torch, "state"))
    agrees(outputs([layer], torch["x"]), np.concatenate(list(torch["h_n"]), axis=-1), 1e-12)


def test_a_whole_model_of_pytorch_is_loaded_module_by_module():
    torch = figures("torch_interop", "tagger")
    model = tagger(symbols=7, dim=3, units=4, hidden=5, classes=2, time=6)
    state = part(torch, "state")
    for prefix, layers in modules(model).items():
        from_torch(layers, state, prefix)
    scores = np.exp(torch["y"])
    agrees(model.predict(torch["x"]), scores / scores.sum(axis=-1, keepdims=True))
    back = state_of(model)
    assert list(back) == list(state)


@pytest.mark.parametrize("name", TRAINED)
def test_pytorch_predicts_what_a_model_trained_here_predicts(name):
    """PyTorch loaded what `to_torch` returned, and computed "y"."""
    trained, model = figures("interop_trained", name), TRAINED[name]()
    theirs = figures("torch_interop", f"trained_{name}")["y"]
    agrees(trained["y"], theirs)
    state = part(trained, "torch")
    for prefix, layers in modules(model).items():
        from_torch(layers, state, prefix)
    same(to_keras(model), list(part(trained, "keras").values()))
    back = state_of(model)
    assert list(back) == list(state)
    same(list(back.values()), list(state.values()))


def test_exercise_11_5_computes_what_pytorch_computes():
    trained = figures("interop_trained", "forecaster")
    y = torch_predicts(trained["x"], *part(trained, "torch").values())
    agrees(y, figures("torch_interop", "trained_forecaster")["y"][:, -1])


def test_tensors_are_taken_for_arrays():
    """As PyTorch's state_dict() holds them."""

    class Tensor:
        def __init__(self, array):
            self.array = array

        def __array__(self, dtype=None):
            return self.array

    layer = Dense(2)
    layer.build((3,))
    W = np.arange(6.0).reshape(2, 3)
    from_torch(layer, {"weight": Tensor(W), "bias": Tensor(np.ones(2))})
    np.testing.assert_array_equal(layer.get_weights()[0], W.T)


# --- what has no counterpart --------------------------------------------------------------


def built(layer, shape=(5, 2)):
    layer.build(shape)
    return layer


NOT_THERE = sorted({*ARCHITECTURES} - {"SimpleRNN", "IRNN", "LSTM", "GRU"})


@pytest.mark.parametrize("wrapped", [False, True], ids=["alone", "bidirectional"])
@pytest.mark.parametrize("name", NOT_THERE)
def test_an_architecture_of_the_course_alone_is_refused_by_name(name, wrapped):
    layer = ARCHITECTURES[name](4)
    layer = built(Bidirectional(layer) if wrapped else layer)
    words(lambda: to_keras(layer), "Keras", name, "GRU, IRNN, LSTM, Masking, SimpleRNN")
    words(lambda: to_torch(layer), "PyTorch", name, "GRU, IRNN, LSTM, SimpleRNN")
    words(lambda: from_keras(layer, layer.get_weights()), "Keras", name)
    words(lambda: from_torch(layer, {}), "PyTorch", name)


def two(layer, **options):
    """Two layers, one on the other; the upper one with other options."""
    below = built(layer(3, return_sequences=True))
    return [below, built(layer(**{"units": 3, **options}), (5, 3))]


REFUSED = {
    "the decoder": (
        to_keras,
        lambda: built(AttentionDecoder(4, 3, 5)),
        ["no layer like AttentionDecoder", "Dense"],
    ),
    "zoneout in Keras": (to_keras, lambda: built(GRU(3, zoneout=0.1)), ["zoneout=0.1", "Keras"]),
    "zoneout in PyTorch": (
        to_torch,
        lambda: built(Bidirectional(GRU(3, zoneout=0.1))),
        ["zoneout=0.1", "PyTorch"],
    ),
    "no weights yet": (to_keras, lambda: GRU(3), ["'gru'", "build(input_shape)"]),
    "a model without weights": (to_keras, lambda: Sequential([GRU(3)]), ["'gru'", "build("]),
    "no layers": (to_keras, Sequential, ["a model, a layer or a list of layers", "Sequential"]),
    "no layer": (to_torch, lambda: [np.ones(3)], ["a layer such as GRU(32)", "array"]),
    "a merge mode": (
        to_torch,
        lambda: built(Bidirectional(GRU(3), "ave")),
        ["merge_mode='concat'", "'bidirectional'", "'ave'"],
    ),
    "the reset before": (
        to_torch,
        lambda: built(GRU(3, reset_after=False)),
        ["PyTorch's GRU", "reset_after=True"],
    ),
    "backwards alone": (to_torch, lambda: built(GRU(3, go_backwards=True)), ["no go_backwards"]),
    "backwards and forwards": (
        to_torch,
        lambda: built(Bidirectional(GRU(3, go_backwards=True))),
        ["no go_backwards"],
    ),
    "an RNN's activation": (
        to_torch,
        lambda: built(SimpleRNN(3, "sigmoid")),
        ["SimpleRNN has the activation tanh or relu", "got 'sigmoid'"],
    ),
    "an LSTM's activation": (
        to_torch,
        lambda: built(LSTM(3, "relu")),
        ["LSTM has the activation tanh,", "got 'relu'"],
    ),
    "a gate's activation": (
        to_torch,
        lambda: built(GRU(3, recurrent_activation="tanh")),
        ["recurrent_activation='sigmoid'", "got 'tanh'"],
    ),
    "masks": (to_torch, lambda: built(Masking()), ["PyTorch has no layer like Masking"]),
    "two kinds": (
        to_torch,
        lambda: [built(GRU(3, return_sequences=True)), built(LSTM(3), (5, 3))],
        ["GRU(3, 'tanh'), LSTM(3, 'tanh')", "one by one"],
    ),
    "two sizes": (to_torch, lambda: two(GRU, units=4), ["GRU(3, 'tanh'), GRU(4, 'tanh')"]),
    "two activations": (
        to_torch,
        lambda: two(SimpleRNN, activation="relu"),
        ["SimpleRNN(3, 'tanh'), SimpleRNN(3, 'relu')"],
    ),
    "no stack": (
        to_torch,
        lambda: [built(GRU(3, return_sequences=True)), built(GRU(3))],
        ["reads 2 features", "returns 3"],
    ),
    "one step alone": (
        to_torch,
        lambda: [built(GRU(3)), built(GRU(3), (5, 3))],
        ["return_sequences=True", "'gru'"],
    ),
    "several without a loop": (
        to_torch,
        lambda: [built(Dense(2)), built(Dense(2))],
        ["recurrent and alike", "Dense, Dense", "one by one"],
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_a_reason(what):
    convert, make, expected = REFUSED[what]
    words(lambda: convert(make()), *expected)


def test_dropout_matters_in_training_only_and_is_no_obstacle():
    layer = built(GRU(3, recurrent_dropout=0.5))
    same(to_keras(layer), layer.get_weights())
    assert len(to_torch(layer)) == 4


# --- arrays that do not fit ---------------------------------------------------------------


def keras_weights(features=2, units=3):
    shapes = [(features, 3 * units), (units, 3 * units), (2, 3 * units), (units, 1), (1,)]
    return [np.ones(shape) for shape in shapes]


def with_array(i, array):
    weights = keras_weights()
    return [*weights[:i], array, *weights[i + 1 :]]


BAD_KERAS = {
    "no list": ({"a": 1}, ["list of arrays", "got dict"]),
    "one too few": (
        keras_weights()[:-1],
        ["5 arrays", "kernel of 'gru' (2, 9)", "bias of 'dense' (1,)", "got 4", "use_bias=False"],
    ),
    "one too many": ([*keras_weights(), np.ones(3)], ["5 arrays", "got 6 of shapes", "(3,)"]),
    "another size": (
        keras_weights(units=4),
        ["array 0, the kernel of 'gru', must have shape (2, 9), got (2, 12)"],
    ),
    "one row of biases": (
        with_array(2, np.ones(9)),
        ["array 2, the bias of 'gru'", "(2, 9)", "got (9,)", "reset_after=False"],
    ),
    "NaN": (with_array(3, np.full((3, 1), np.nan)), ["array 3", "kernel of 'dense'", "NaN"]),
    "text": (with_array(4, ["a"]), ["array 4", "bias of 'dense'", "array of numbers"]),
}


@pytest.mark.parametrize("what", BAD_KERAS)
def test_from_keras_changes_nothing_when_given(what):
    model = Sequential([GRU(3, input_shape=(5, 2)), Dense(1)])
    before, (weights, expected) = model.get_weights(), BAD_KERAS[what]
    words(lambda: from_keras(model, weights), *expected)
    same(model.get_weights(), before)


def test_both_rows_of_biases_belong_to_reset_after():
    layer = built(GRU(3, reset_after=False))
    words(lambda: from_keras(layer, keras_weights()[:3]), "(9,), got (2, 9)", "reset_after=True")


def test_the_directions_are_told_apart():
    layer = built(Bidirectional(LSTM(3)))
    weights = layer.get_weights()
    weights[4] = weights[4].T
    words(lambda: from_keras(layer, weights), "backward recurrent_kernel of 'bidirectional'")


def torch_state(features=2, units=3, gates=3, prefix=""):
    shapes = {"weight_ih_l0": (gates * units, features), "weight_hh_l0": (gates * units, units)}
    shapes |= {"bias_ih_l0": (gates * units,), "bias_hh_l0": (gates * units,)}
    return {prefix + name: np.ones(shape) for name, shape in shapes.items()}


def without(state, name):
    return {key: value for key, value in state.items() if key != name}


BAD_TORCH = {
    "no dict": (GRU(3), [np.ones(3)], ["dict", "got list"]),
    "nothing": (GRU(3), {}, ["no 'weight_ih_l0', only nothing"]),
    "a missing name": (GRU(3), without(torch_state(), "bias_hh_l0"), ["'bias_hh_l0'", "bias_ih"]),
    "a name too many": (
        GRU(3),
        {**torch_state(), "weight_ih_l1": np.ones((9, 3))},
        ["weight_ih_l1", "belongs to no layer", "num_layers=2"],
    ),
    "longer names": (
        GRU(3),
        torch_state(prefix="net.rnn."),
        ["'weight_ih_l0'", "prefix='net.rnn.' would find net.rnn.weight_ih_l0"],
    ),
    "another size": (
        GRU(3),
        torch_state(units=4),
        ["weight_ih_l0 must have shape (9, 2), got (12, 2)"],
    ),
    "another cell": (GRU(3), torch_state(gates=4), ["weight_ih_l0", "(9, 2)", "(12, 2)"]),
    "one direction": (Bidirectional(GRU(3)), torch_state(), ["'weight_ih_l0_reverse'"]),
    "reset before": (GRU(3, reset_after=False), torch_state(), ["reset_after=True"]),
    "no cell": (Dense(3), torch_state(), ["'weight'", "weight_ih_l0"]),
    "infinity": (
        GRU(3),
        {**torch_state(), "bias_ih_l0": np.full(9, np.inf)},
        ["bias_ih_l0", "inf"],
    ),
}


@pytest.mark.parametrize("what", BAD_TORCH)
def test_from_torch_changes_nothing_when_given(what):
    layer, state, expected = BAD_TORCH[what]
    built(layer)
    before = layer.get_weights()
    words(lambda: from_torch(layer, state), *expected)
    same(layer.get_weights(), before)
