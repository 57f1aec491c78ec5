"""Train on a task until it is solved, or the budget is used up."""

import time
from dataclasses import dataclass

import numpy as np

from course_lib.arguments import positive_int
from course_lib.experiments.prepare import compiled, start_anew
from course_lib.layers import Dense, Masking, recurrent_layer
from course_lib.models import Sequential
from course_lib.tasks import Task
from course_lib.training import progress_bar


@dataclass
class Attempt:
    """How one training run went. `success` and `losses` have one entry per look at the test
    samples: the success rate on them, and the mean training loss since the look before."""

    seed: int
    solved: bool
    steps: int
    success: list
    losses: list
    weights: list
    seconds: float


def network(task, layer, learning_rate=0.003, clipnorm=1.0, units=32):
    """A compiled model for `task`: the recurrent `layer`, then a Dense layer with its answers.

    `layer` may be the name of an architecture, such as "MGU"; it then gets `units` units.
    Adam, the gradient clipped by its global norm. Class tasks get logits. Raises ValueError
    if `task` is no Task, for an unknown name, or if the layer's `return_sequences` does not
    suit the task.
    """
    if not isinstance(task, Task):
        raise ValueError(f"network needs a task such as tasks.Latch(lag=50), got {task!r}")
    if isinstance(layer, str):
        layer = recurrent_layer(layer, units, return_sequences=task.every_step)
    if layer.return_sequences != task.every_step:
        raise ValueError(
            f"{task!r} wants {'an answer at every step' if task.every_step else 'one answer'}: "
            f"give the layer return_sequences={task.every_step}"
        )
    masking = [Masking()] if task.padded else []
    model = Sequential([*masking, layer, Dense(task.outputs)])
    model.build((None, task.features))
    return compiled(model, learning_rate, clipnorm, "mse" if task.loss == "mse" else None)


def solve(
    model,
    task,
    seeds=(0, 1, 2),
    max_steps=1000,
    batch_size=32,
    look_every=100,
    test_samples=1000,
    callbacks=(),
    verbose=1,
):
    """Train `model` on `task` once per seed, each time from new weights. A list of `Attempt`s.

    Every batch is fresh, so there is nothing to memorize. After every `look_every` steps the
    model answers the same `test_samples` samples; training stops when the task counts as
    solved on them, and after `max_steps` at the latest. The model keeps the weights of the
    last seed.
    """
    rounds = -(-positive_int("max_steps", max_steps) // positive_int("look_every", look_every))
    bar = progress_bar(rounds * len(seeds), disable=not verbose)
    attempts = []
    for seed in seeds:
        start, success, losses = time.perf_counter(), [], []
        start_anew(model, seed)
        X_test, y_test = draw(task, test_samples, seed=[seed, 0])
        while len(success) < rounds and not (success and success[-1] >= task.threshold):
            X, y = draw(task, look_every * batch_size, seed=[seed, len(success) + 1])
            history = model.fit(X, y, batch_size, verbose=0, callbacks=callbacks)
            losses.append(history.history["loss"][-1])
            success.append(task.success_rate(X_test, y_test, model.predict(X_test)))
            bar.set_description(f"{task!r}, seed {seed}: success {success[-1]:.2f}", refresh=False)
            bar.update()
        solved, steps = success[-1] >= task.threshold, look_every * len(success)
        seconds = time.perf_counter() - start
        attempts.append(Attempt(seed, solved, steps, success, losses, model.get_weights(), seconds))
        bar.update(rounds * len(attempts) - bar.n)
    solved = sum(a.solved for a in attempts)
    bar.set_description(f"{task!r}: solved by {solved} of {len(attempts)} seeds")
    bar.close()
    return attempts


def draw(task, num_samples, seed):
    """A sample of `task`; if its strings differ in length, filled up to a multiple of 16 steps,
    so that most samples have one length and one compiled function serves them."""
    X, y = task.sample(num_samples, seed)
    if task.padded:
        missing = -X.shape[1] % 16
        X = np.pad(X, [(0, 0), (0, missing), (0, 0)])
        y = np.pad(y, [(0, 0), (0, missing)])
    return X, y
