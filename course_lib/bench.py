"""The benchmark behind ``course.py bench``: how long a learner waits, and how fast a step is."""

import argparse
import inspect
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

SIZES = [(32, 50, 32, 32), (32, 100, 64, 64), (64, 100, 128, 128)]
LAYERS = ["SimpleRNN", "GRU", "LSTM"]
ROUNDS, STEPS = 5, 5

FIRST_STEP = """
import numpy as np
from course_lib.layers import GRU, Dense
from course_lib.models import Sequential
model = Sequential([GRU(32, input_shape=(50, 1)), Dense(1)])
model.compile(optimizer="adam", loss="mse")
model.fit(np.zeros((32, 50, 1)), np.zeros((32, 1)), verbose=0)
"""

# Where several are timed, ratios are to the last one.
LIBRARIES = {"theano": "Theano", "pytensor": "PyTensor", "torch": "PyTorch"}

# All workers read "layer batch time features units" and answer with milliseconds per step.
WORKER = "import course_lib.bench; course_lib.bench.serve(course_lib.bench.course_step)"
TORCH_WORKER = """
import json, sys, time
import torch
torch.set_num_threads(1)

def make(layer, batch, time_steps, features, units):
    cell = {"SimpleRNN": "RNN"}.get(layer, layer)
    rnn = getattr(torch.nn, cell)(features, units, batch_first=True)
    head = torch.nn.Linear(units, 1)
    adam = torch.optim.Adam([*rnn.parameters(), *head.parameters()])
    x, y = torch.randn(batch, time_steps, features), torch.randn(batch, 1)
    def step():
        adam.zero_grad()
        loss = ((head(rnn(x)[0][:, -1]) - y) ** 2).mean()
        loss.backward()
        adam.step()
    return step
"""


def course_step(layer, batch, time_steps, features, units):
    """One Adam step of a layer and a Dense(1), ready to be called."""
    import numpy as np

    from course_lib import layers
    from course_lib.models import Sequential
    from course_lib.training import whole_batch

    recurrent = getattr(layers, layer)(units, input_shape=(time_steps, features))
    model = Sequential([recurrent, layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    rng = np.random.default_rng(0)
    X = rng.standard_normal((batch, time_steps, features))
    y = rng.standard_normal((batch, 1))
    model.fit(X, y, batch_size=batch, verbose=0)
    train = model.train_function(X.shape[1:], batch)
    data = whole_batch(model.check_data(X, y))
    return lambda: train(*data)


def serve(make):
    """Answer each line of standard input, a step as JSON, with its milliseconds."""
    steps = {}
    for line in sys.stdin:
        if line not in steps:
            steps[line] = make(*json.loads(line))
            steps[line]()
        start = time.perf_counter()
        for _ in range(STEPS):
            steps[line]()
        print((time.perf_counter() - start) / STEPS * 1000, flush=True)


class Worker:
    """A Python process that times steps of one library on request, so that several can take turns.

    `library` is "torch", or the backend on which the course computes.
    """

    def __init__(self, python, library):
        self.python, self.library, self.name = python, library, LIBRARIES[library]
        torch = f"STEPS = {STEPS}\n{TORCH_WORKER}\n{inspect.getsource(serve)}\nserve(make)"
        self.process = subprocess.Popen(
            [python, "-c", torch if library == "torch" else WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**self.environment(), "OMP_NUM_THREADS": "1"},
        )

    def environment(self, **more):
        """The environment variables of this worker's Python."""
        backend = {} if self.library == "torch" else {"COURSE_BACKEND": self.library}
        return {**os.environ, **backend, **more}

    def time(self, *step):
        self.process.stdin.write(json.dumps(step) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.name}'s worker stopped with status {self.process.wait()}")
        return float(answer)


def workers(pythons):
    """One Worker for each library that one of the Pythons has, in the order of `LIBRARIES`."""
    find = f"import importlib.util as i; print(*filter(i.find_spec, {list(LIBRARIES)}))"
    having = {}
    for python in pythons:
        command = [python, "-c", find]
        found = subprocess.run(command, stdout=subprocess.PIPE, check=True, encoding="utf-8")
        for library in found.stdout.split():
            having.setdefault(library, python)
    return [Worker(having[library], library) for library in LIBRARIES if library in having]


def seconds(worker, code, flags):
    """How long a new Python takes to run `code`."""
    start = time.perf_counter()
    command = [worker.python, "-c", code]
    subprocess.run(command, check=True, env=worker.environment(THEANO_FLAGS=flags))
    return time.perf_counter() - start


def starts(worker):
    """Time from nothing to the first training step, with an empty and with a filled cache."""
    with tempfile.TemporaryDirectory() as cache:
        flags = ",".join(filter(None, [os.environ.get("THEANO_FLAGS"), f"base_compiledir={cache}"]))
        cold = seconds(worker, FIRST_STEP, flags)
        warm = statistics.median(seconds(worker, FIRST_STEP, flags) for _ in range(3))
        load = statistics.median(seconds(worker, "import course_lib", flags) for _ in range(3))
    print(worker.name)
    print(f"  first training step of GRU(32) on (32, 50, 1), empty cache  {cold:6.1f} s")
    print(f"  the same, filled cache                                      {warm:6.1f} s")
    print(f"  import course_lib                                           {load:6.1f} s\n")


def main(arguments=None):
    """Print the tables, for each backend that is there; `--against PYTHON` adds what that has."""
    parser = argparse.ArgumentParser(prog="course.py bench", description=__doc__)
    parser.add_argument(
        "--against",
        metavar="PYTHON",
        action="append",
        default=[],
        help="another Python, with PyTorch or with the other backend (can be given twice)",
    )
    options = parser.parse_args(arguments)
    rivals = workers([sys.executable, *options.against])
    for worker in rivals:
        if worker.library != "torch":
            starts(worker)
    last = rivals[-1].name
    print(
        f"one training step (batch, time, features, units), one thread, ms, median of {ROUNDS} "
        f"rounds{f'; in brackets the ratio to {last}' if len(rivals) > 1 else ''}"
    )
    for size in SIZES:
        for layer in LAYERS:
            rounds = [[worker.time(layer, *size) for worker in rivals] for _ in range(ROUNDS)]
            line = f"{str(size):<22}{layer:<10}"
            for worker, times in zip(rivals, zip(*rounds)):
                ratio = statistics.median(t / step[-1] for t, step in zip(times, rounds))
                bracket = "" if worker.name == last else f" ({ratio:.2f})"
                line += f"  {worker.name} {statistics.median(times):7.1f}{bracket}"
            print(line, flush=True)
