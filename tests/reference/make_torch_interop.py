"""Modules of PyTorch (float64): their state dicts, inputs and outputs, and what PyTorch computes
in float32 with the weights of the models in interop_trained.npz: torch_interop.npz."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

FOLDER = Path(__file__).parent
out = {}


class Tagger(nn.Module):
    """Symbols to one score per class and step."""

    def __init__(self, symbols, dim, units, hidden, classes):
        super().__init__()
        self.embedding = nn.Embedding(symbols, dim)
        self.lstm = nn.LSTM(dim, units, num_layers=2, bidirectional=True, batch_first=True)
        self.rnn = nn.RNN(2 * units, hidden, nonlinearity="relu", batch_first=True)
        self.out = nn.Linear(hidden, classes)

    def forward(self, x):
        h, _ = self.lstm(self.embedding(x))
        h, _ = self.rnn(h)
        return self.out(h)


class Forecaster(nn.Module):
    """A number for each step."""

    def __init__(self, units):
        super().__init__()
        self.gru = nn.GRU(1, units, batch_first=True)
        self.out = nn.Linear(units, 1)

    def forward(self, x):
        h, _ = self.gru(x)
        return self.out(h)


torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
x = torch.randn(3, 6, 2)
symbols = torch.randint(0, 7, (3, 6))
CASES = {
    "rnn_relu": (x, nn.RNN(2, 4, nonlinearity="relu", batch_first=True)),
    "rnn_both_ways": (x, nn.RNN(2, 4, bidirectional=True, batch_first=True)),
    "gru_two_layers_both_ways": (
        x,
        nn.GRU(2, 4, num_layers=2, bidirectional=True, batch_first=True),
    ),
    "tagger": (symbols, Tagger(7, 3, 4, 5, 2)),
}
for name, (inputs, module) in CASES.items():
    for parameter in module.parameters():
        nn.init.normal_(parameter, 0, 0.5)
    with torch.no_grad():
        y = module(inputs)
    if isinstance(y, tuple):  # all outputs, last states
        y, out[f"{name}/h_n"] = y
    out |= {f"{name}/x": inputs, f"{name}/y": y}
    out |= {f"{name}/state/{key}": value for key, value in module.state_dict().items()}

torch.set_default_dtype(torch.float32)
TRAINED = {"trained_forecaster": Forecaster(8), "trained_tagger": Tagger(6, 4, 5, 6, 2)}
with np.load(FOLDER / "interop_trained.npz") as file:
    for name, module in TRAINED.items():
        short = name.partition("_")[2]
        start = f"{short}/torch/"
        arrays = {key[len(start) :]: file[key] for key in file.files if key.startswith(start)}
        module.load_state_dict({key: torch.tensor(a) for key, a in arrays.items()})
        with torch.no_grad():
            y = module(torch.tensor(file[f"{short}/x"]))
        if short == "tagger":
            y = y.softmax(dim=-1)
        print(short, "differs from the course by", abs(y.numpy() - file[f"{short}/y"]).max())
        out[f"{name}/y"] = y

np.savez_compressed(
    FOLDER / "torch_interop.npz", **{key: np.asarray(value) for key, value in out.items()}
)
