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

# Both workers read "layer batch time features units" and answer with milliseconds per step.
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
    """A Python process that times steps on request, so that two can take turns."""

    def __init__(self, python, code):
        self.process = subprocess.Popen(
            [python, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def time(self, *step):
        self.process.stdin.write(json.dumps(step) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"the benchmark's worker stopped with status {self.process.wait()}")
        return float(answer)


def seconds(code, **environment):
    """How long a new Python takes to run `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, **environment})
    return time.perf_counter() - start


def starts():
    """Time from nothing to the first training step, with an empty and with a filled cache."""
    with tempfile.TemporaryDirectory() as cache:
        flags = ",".join(filter(None, [os.environ.get("THEANO_FLAGS"), f"base_compiledir={cache}"]))
        cold = seconds(FIRST_STEP, THEANO_FLAGS=flags)
        warm = statistics.median(seconds(FIRST_STEP, THEANO_FLAGS=flags) for _ in range(3))
        load = statistics.median(seconds("import course_lib", THEANO_FLAGS=flags) for _ in range(3))
    print(f"first training step of GRU(32) on (32, 50, 1), empty cache  {cold:6.1f} s")
    print(f"the same, filled cache                                      {warm:6.1f} s")
    print(f"import course_lib                                           {load:6.1f} s\n")


def main(arguments=None):
    """Print the tables; `--against PYTHON` adds the same steps in that Python's PyTorch."""
    parser = argparse.ArgumentParser(prog="course.py bench", description=__doc__)
    parser.add_argument("--against", metavar="PYTHON", help="a Python with PyTorch to compare with")
    options = parser.parse_args(arguments)
    starts()
    ours = Worker(sys.executable, WORKER)
    theirs = None
    if options.against:
        code = f"STEPS = {STEPS}\n{TORCH_WORKER}\n{inspect.getsource(serve)}\nserve(make)"
        theirs = Worker(options.against, code)
    print(
        f"one training step (batch, time, features, units), one thread, median of {ROUNDS} rounds"
    )
    for size in SIZES:
        for layer in LAYERS:
            a, b = [], []
            for _ in range(ROUNDS):
                a.append(ours.time(layer, *size))
                if theirs:
                    b.append(theirs.time(layer, *size))
            line = f"{str(size):<22}{layer:<10}{statistics.median(a):8.1f} ms"
            if theirs:
                ratio = statistics.median(x / y for x, y in zip(a, b))
                line += f"   PyTorch {statistics.median(b):8.1f} ms   ratio {ratio:5.2f}"
            print(line, flush=True)
