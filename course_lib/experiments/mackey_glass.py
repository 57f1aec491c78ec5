"""How far ahead does a trained network forecast the Mackey-Glass series, beside a reservoir?

A GRU that learns by how much the next value differs from this one is run freely: its forecast
becomes its next input. It reads the same 3000 values as the echo state network of chapter 11,
and forecasts the same 100 stretches. Its settings were tried on a series with another start
(`stretches(3)`), not on these.
"""

import numpy as np

from course_lib import tasks
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import Dense, recurrent_layer
from course_lib.models import Sequential

HEARD, AHEAD, STRETCHES = 200, 84, 100

SETTINGS = [
    {
        "architecture": "GRU",
        "seed": seed,
        "units": 48,
        "time": 100,
        "washout": 40,
        "steps": 3000,
        "batch_size": 32,
        "learning_rate": 0.01,
        "clipnorm": 1.0,
    }
    for seed in range(3)
]


def stretches(seed):
    """Of a series of its own: what is heard, (100, 200, 1), and what follows, (100, 84)."""
    series = tasks.mackey_glass(STRETCHES * (HEARD + AHEAD), seed=seed) - 1
    series = series.reshape(STRETCHES, HEARD + AHEAD)
    return series[:, :HEARD, None], series[:, HEARD:]


def network(architecture, units, stateful=False):
    """The change to the next value at every step; `stateful` for the free run."""
    layer = recurrent_layer(architecture, units, return_sequences=True, stateful=stateful)
    model = Sequential([layer, Dense(1)])
    model.build((None, 1))
    return model


@compile_once
def models_for(architecture, units, learning_rate, clipnorm):
    """The network to train, and its twin that runs freely."""
    model = network(architecture, units)
    return compiled(model, learning_rate, clipnorm, "mse"), network(architecture, units, True)


def scales(series):
    """Standard deviations of a series and of its changes."""
    return series.std(), np.diff(series).std()


def run_freely(model, heard, scale, change):
    """Read (stretches, time, 1), then feed every forecast back: (stretches, AHEAD)."""
    model.reset_states()
    x, values = heard, []
    while len(values) < AHEAD:
        changes = model.predict(x / scale, batch_size=len(x))[:, -1:]
        x = x[:, -1:] + change * changes
        values.append(x[:, 0, 0])
    return np.stack(values, axis=1)


def fit(model, series, time, washout, steps, batch_size, learning_rate):
    """Train on windows of the series; the first `washout` answers of each do not count.

    The learning rate falls to a hundredth of itself along half a cosine.
    """
    scale, change = scales(series)
    windows = np.lib.stride_tricks.sliding_window_view(series, time + 1)[..., None]
    X, y = windows[:, :-1] / scale, np.diff(windows, axis=1) / change
    counts = np.ones((len(windows), time))
    counts[:, :washout] = 0
    epochs = round(steps / np.ceil(len(X) / batch_size))
    for epoch in range(epochs):
        share = 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        model.optimizer.learning_rate = learning_rate * (0.01 + 0.99 * share)
        model.fit(X, y, batch_size, verbose=0, sample_weight=counts)


def run(
    architecture, seed, units, time, washout, steps, batch_size, learning_rate, clipnorm, test=2
):
    """Train once. NRMSE after 1, 10 and 84 steps of the free run, and at all of them.

    Also the error of each stretch after 84 steps, both in standard deviations of the series.
    """
    model, twin = models_for(architecture, units, learning_rate, clipnorm)
    start_anew(model, seed)
    train = tasks.mackey_glass(3001, seed=1) - 1
    fit(model, train, time, washout, steps, batch_size, learning_rate)
    twin.set_weights(model.get_weights())
    heard, to_come = stretches(test)
    sigma = np.concatenate([heard[..., 0], to_come], axis=1).std()
    errors = (run_freely(twin, heard, *scales(train)) - to_come) / sigma
    nrmse = np.sqrt(np.mean(errors**2, axis=0))
    return {
        **{f"nrmse_{k}": round(float(nrmse[k - 1]), 5) for k in (1, 10, 84)},
        "nrmse": " ".join(f"{e:.5f}" for e in nrmse),
        "errors_84": " ".join(f"{e:.4f}" for e in errors[:, -1]),
    }
