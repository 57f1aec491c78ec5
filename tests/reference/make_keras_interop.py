"""Whole models of Keras 3 (JAX backend, float32): their weights, inputs and outputs, and what
Keras computes with the weights of the models in interop_trained.npz: keras_interop.npz."""

import os
from pathlib import Path

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"
import keras  # noqa: E402
from keras.layers import (  # noqa: E402
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Input,
    Masking,
    SimpleRNN,
)

FOLDER = Path(__file__).parent
ALL = {"return_sequences": True}
rng = np.random.default_rng(0)
out = {}

symbols = rng.integers(0, 7, (4, 6))
symbols[0, 4:] = symbols[1, 2:] = 0  # padding
numbers = rng.normal(size=(4, 6, 3)).astype("float32")
numbers[2, 3:] = 0

MODELS = {
    "every_layer": (
        symbols,
        Input((6,), dtype="int32"),
        Embedding(7, 5, mask_zero=True),
        Dropout(0.2),
        Bidirectional(LSTM(4, **ALL)),
        GRU(4, reset_after=False, **ALL),
        GRU(5, **ALL),
        SimpleRNN(4, activation="relu"),
        Dense(3, activation="softmax"),
    ),
    "merge_modes": (
        numbers,
        Input((6, 3)),
        Masking(),
        Bidirectional(GRU(4, **ALL), merge_mode="sum"),
        Bidirectional(LSTM(5, **ALL), merge_mode="ave"),
        Bidirectional(SimpleRNN(4), merge_mode="mul"),
        Dense(2),
    ),
}
for name, (x, *layers) in MODELS.items():
    model = keras.Sequential(layers)
    weights = [rng.normal(0, 0.5, w.shape).astype("float32") for w in model.get_weights()]
    model.set_weights(weights)
    out |= {f"{name}/x": x, f"{name}/y": model.predict(x, verbose=0)}
    out |= {f"{name}/weight/{i:02}": w for i, w in enumerate(model.get_weights())}

TRAINED = {
    "forecaster": [Input((12, 1)), GRU(8, **ALL), Dense(1)],
    "tagger": [
        Input((8,), dtype="int32"),
        Embedding(6, 4),
        Bidirectional(LSTM(5, **ALL)),
        Bidirectional(LSTM(5, **ALL)),
        SimpleRNN(6, activation="relu", **ALL),
        Dense(2, activation="softmax"),
    ],
}
with np.load(FOLDER / "interop_trained.npz") as file:
    for name, layers in TRAINED.items():
        model = keras.Sequential(layers)
        model.set_weights([file[k] for k in sorted(file.files) if k.startswith(f"{name}/keras/")])
        y = model.predict(file[f"{name}/x"], verbose=0)
        print(name, "differs from the course by", abs(y - file[f"{name}/y"]).max())
        out[f"{name}/y"] = y

np.savez_compressed(FOLDER / "keras_interop.npz", **out)
