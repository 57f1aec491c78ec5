"""How many units, how long a window, which learning rate? Chosen before the test part is seen.

GRUs learn what a simple rule leaves over of the series of chapter 07. They are trained and
judged within the training part alone: the error is that on the examples that say when to stop.
"""

from functools import lru_cache

import numpy as np

from course_lib import datasets
from course_lib.baselines import HAR
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import Dense, recurrent_layer
from course_lib.models import Sequential
from course_lib.training import EarlyStopping

DAILY = ("returns", "ranges")
LENGTHS = {
    "passengers": (12, 24),
    "El Nino, next month": (12,),
    "El Nino, twelve months": (12,),
    "returns": (22,),
    "ranges": (22,),
}

SETTINGS = [
    {
        "architecture": "GRU",
        "series": series,
        "length": length,
        "units": units,
        "learning_rate": learning_rate,
        "seed": seed,
        "batch_size": 256 if series in DAILY else 32,
        "patience": 20 if series == "passengers" else 5 if series in DAILY else 10,
        "clipnorm": 1.0,
    }
    for series, lengths in LENGTHS.items()
    for length in lengths
    for units in (4, 8, 16)
    for learning_rate in (0.002, 0.005)
    for seed in range(3)
]


def passengers(length):
    """What the seasonal ratio leaves over, to be judged in 1955, and then in 1956."""
    logs = np.log(datasets.airline()[1][:96])
    left_over = logs[13:] - (logs[1:-12] + logs[12:-1] - logs[:-13])
    X, y = datasets.windows(left_over / left_over.std(), length)
    return [(X[:n], y[:n], X[n : n + 12], y[n : n + 12]) for n in (len(X) - 24, len(X) - 12)]


def el_nino(length, horizon):
    """The change of the anomaly from the last month seen, to be judged in the last eight years."""
    temperature = datasets.el_nino()[1][:480]
    climatology = [temperature[month::12].mean() for month in range(12)]
    anomaly = temperature - np.resize(climatology, 480)
    X, y = datasets.windows(anomaly / anomaly.std(), length, horizon)
    change = y - X[:, -1]
    change /= change.std(axis=0)
    before = len(X) - 96 - (horizon - 1)  # their targets end where the first one to judge begins
    return [(X[:before], change[:before], X[-96:], change[-96:])]


def prices(length, series):
    """The returns of three stocks, or what HAR leaves over of their ranges, day by day; to be
    judged in the last 15 % of the training days."""
    all_X, all_y = [], []
    days, tables = datasets.stocks()
    cut = int(0.8 * (len(days) - 1))
    for table in tables.values():
        columns, returns = (part[:cut] for part in datasets.price_moves(table))
        columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
        X, y = datasets.windows(columns, length, target=columns[:, 0])
        past = X[:, :, :1]
        all_X.append(X - X.mean(axis=1, keepdims=True) * [1, 1, 0, 0])
        rest = y - HAR().fit(past, y).predict(past)
        all_y.append(rest if series == "ranges" else returns[length:, None] / returns.std())
    X, y = (np.stack(parts, axis=1) for parts in (all_X, all_y))
    X, y = X.reshape(-1, length, 4), y.reshape(-1, 1)
    late = int(0.15 * (cut - length)) * len(tables)
    return [(X[:-late], y[:-late], X[-late:], y[-late:])]


@lru_cache(maxsize=1)
def rounds(series, length):
    """A list of examples to train on, and examples to stop and to judge by: X, y, X, y."""
    if series == "passengers":
        return passengers(length)
    if series in DAILY:
        return prices(length, series)
    return el_nino(length, horizon=12 if series.endswith("twelve months") else 1)


@compile_once
def model_for(architecture, shape, outputs, units, clipnorm):
    """The compiled network of one setting; the learning rate is set later."""
    layer = recurrent_layer(architecture, units, input_shape=shape)
    return compiled(Sequential([layer, Dense(outputs)]), 0.001, clipnorm, loss="mse")


def run(architecture, series, length, units, learning_rate, seed, batch_size, patience, clipnorm):
    """Train once. The RMSE as a multiple of the rule's alone, and the epoch that was best."""
    errors, of_rule, epochs = [], [], []
    for X, y, X_held, y_held in rounds(series, length):
        model = model_for(architecture, X.shape[1:], y.shape[1], units, clipnorm)
        model.optimizer.learning_rate = learning_rate
        start_anew(model, seed)
        stopping = EarlyStopping(patience=patience)
        model.fit(
            X,
            y,
            batch_size,
            epochs=200,
            verbose=0,
            validation_data=(X_held, y_held),
            callbacks=[stopping],
        )
        errors.append((model.predict(X_held) - y_held) ** 2)
        of_rule.append(y_held**2)
        epochs.append(stopping.best_epoch + 1)
    error = np.sqrt(np.mean(errors) / np.mean(of_rule))
    return {"error": round(float(error), 4), "epoch": round(np.mean(epochs))}
