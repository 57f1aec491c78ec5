"""Every layer agrees with what PyTorch (float64) and Keras (float32) computed.

How the figures were made: tests/reference/make_torch.py and make_keras.py.
"""

from pathlib import Path

import numpy as np
import pytest

from course_lib.backend import T, function, theano
from course_lib.interop import from_keras, from_torch
from course_lib.interop.torch import directions, imported
from course_lib.layers import GRU, LSTM, Bidirectional, SimpleRNN

FOLDER = Path(__file__).parent / "reference"


def figures(framework, case):
    """All arrays of one case, by their short names."""
    with np.load(FOLDER / f"{framework}_reference.npz", allow_pickle=False) as file:
        names = [name for name in file.files if name.startswith(f"{case}/")]
        return {name.partition("/")[2]: file[name] for name in names}


def agrees(ours, theirs, tolerance):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)


# --- PyTorch ----------------------------------------------------------------------------

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
SEQUENCES = {"return_sequences": True, "return_state": True}
TORCH_CASES = {
    "simple_rnn": lambda units: [SimpleRNN(units, **SEQUENCES)],
    "lstm": lambda units: [LSTM(units, **SEQUENCES)],
    "gru": lambda units: [GRU(units, **SEQUENCES)],
    "bidirectional_lstm": lambda units: [Bidirectional(LSTM(units, **SEQUENCES))],
    "stacked_gru": lambda units: [GRU(units, **SEQUENCES), GRU(units, **SEQUENCES)],
    "masked_lstm": lambda units: [LSTM(units, **SEQUENCES)],
}


def by_prefix(arrays, prefix):
    return {name[len(prefix) :]: a for name, a in arrays.items() if name.startswith(prefix)}


class Comparison:
    """What PyTorch computed (`torch`), and the same from our layers."""

    def __init__(self, case):
        self.torch = torch = figures("torch", case)
        batch, time, features = torch["x"].shape
        self.layers = TORCH_CASES[case](torch["h_n"].shape[-1])
        for layer in self.layers:
            layer.build((time, features))
            features = layer.output_shape((time, features))[-1]

        from_torch(self.layers, by_prefix(torch, "param_"))

        # PyTorch's outputs at padded positions are 0, Keras's repeat the last real one.
        lengths = torch.get("lengths", np.full(batch, time))
        self.real = np.arange(time) < lengths[:, None]
        x, w = T.tensor3("x"), T.tensor3("w")
        out, states = T.specify_shape(x, torch["x"].shape), []
        mask = T.constant(self.real) if "lengths" in torch else None
        for layer in self.layers:
            out, *more = layer(out, mask=mask)
            states += more
        loss = (w * out * self.real[..., None]).sum()
        weights = [weight for layer in self.layers for weight in layer.weights]
        gradients = theano.grad(loss, [x, *weights])
        run = function([x, w], [out, loss, *states, *gradients])
        results = run(torch["x"], torch["w"])
        self.y, self.loss, *results = results
        self.states, results = results[: len(states)], results[len(states) :]
        self.dx, *self.gradients = results


@pytest.fixture(scope="module", params=TORCH_CASES)
def compared(request):
    with theano.config.change_flags(floatX="float64"):
        return Comparison(request.param)


def test_outputs_agree_with_pytorch(compared):
    agrees(compared.y * compared.real[..., None], compared.torch["y"], 1e-10)


def test_final_states_agree_with_pytorch(compared):
    names = [name for name in ("h_n", "c_n") if name in compared.torch]
    # PyTorch: one array per kind of state, a row per layer and direction.
    theirs = [state for rows in zip(*(compared.torch[name] for name in names)) for state in rows]
    agrees(compared.states, theirs, 1e-10)


def test_losses_agree_with_pytorch(compared):
    agrees(compared.loss, compared.torch["loss"], 1e-10)


def test_gradients_of_inputs_agree_with_pytorch(compared):
    agrees(compared.dx, compared.torch["dx"], 1e-10)


def test_gradients_of_parameters_agree_with_pytorch(compared):
    gradients = by_prefix(compared.torch, "grad_")
    theirs = []
    for layer, suffix in directions(compared.layers):
        own = {name: gradients[name + suffix] for name in WEIGHTS}
        kernel, recurrent, bias = imported(layer, own)
        if not isinstance(layer, GRU):
            # Our one bias stands for a sum of two: each of them has its gradient.
            bias = own["bias_ih"]
            agrees(bias, own["bias_hh"], 1e-10)
        theirs += [kernel, recurrent, bias]
    assert len(compared.gradients) == len(theirs)
    for ours, expected in zip(compared.gradients, theirs):
        agrees(ours, expected, 1e-10)


# --- Keras ------------------------------------------------------------------------------

KERAS_CASES = {
    "simple_rnn": lambda: SimpleRNN(5, return_sequences=True),
    "lstm": lambda: LSTM(5, return_sequences=True),
    "gru_reset_after": lambda: GRU(5, return_sequences=True),
    "gru_reset_before": lambda: GRU(5, return_sequences=True, reset_after=False),
    "bidirectional_gru": lambda: Bidirectional(GRU(4, return_sequences=True)),
}


@pytest.mark.parametrize("case", KERAS_CASES)
def test_outputs_agree_with_keras_when_its_weight_list_is_loaded_unchanged(case):
    keras = figures("keras", case)
    layer = KERAS_CASES[case]()
    layer.build(keras["x"].shape[1:])
    from_keras(layer, [keras[name] for name in sorted(keras) if name.startswith("weight_")])
    x = T.tensor3("x")
    run = function([x], layer(T.specify_shape(x, keras["x"].shape)))
    agrees(run(keras["x"]), keras["y"], 1e-5)
