"""Two models trained by the course, exported to Keras and to PyTorch: interop_trained.npz.

Run ``python -m tests.reference.make_interop_trained`` in the course's environment, then
make_keras_interop.py and make_torch_interop.py, each where its framework is installed: they load
the arrays and say what they compute with them.
"""

from pathlib import Path

import numpy as np

from course_lib.interop import to_keras, to_torch
from tests.test_interop import forecaster, modules, tagger

arrays = {}
rng = np.random.default_rng(1)

# The mean of the last three inputs, at every step.
X = rng.normal(size=(200, 12, 1)).astype("float32")
before = np.pad(X, ((0, 0), (2, 0), (0, 0)))
y = (X + before[:, 1:-1] + before[:, :-2]) / 3
# Whether a symbol occurs again later, at every step.
symbols = rng.integers(0, 6, (300, 8))
again = [[symbol in row[t + 1 :] for t, symbol in enumerate(row)] for row in symbols.tolist()]

for name, make, inputs, targets, loss in [
    ("forecaster", forecaster, X, y, "mse"),
    ("tagger", tagger, symbols, np.array(again, int), "sparse_categorical_crossentropy"),
]:
    model = make()
    model.compile("adam", loss)
    history = model.fit(inputs, targets, epochs=60, verbose=0).history["loss"]
    print(name, "loss", history[0], "to", history[-1])
    arrays[f"{name}/x"] = inputs[:5]
    arrays[f"{name}/y"] = model.predict(inputs[:5])
    for i, weight in enumerate(to_keras(model)):
        arrays[f"{name}/keras/{i:02}"] = weight
    for prefix, layers in modules(model).items():
        for key, weight in to_torch(layers, prefix).items():
            arrays[f"{name}/torch/{key}"] = weight

np.savez_compressed(Path(__file__).parent / "interop_trained.npz", **arrays)
