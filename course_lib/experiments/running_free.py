"""Does a network run free better if it has practiced that in training?

A SimpleRNN predicts the next angle of a pendulum. The first third of each training sequence are
true angles, from which it learns where the pendulum is. The inputs after that are, with the same
data and the same number of updates,

    teacher forcing      true angles (Williams & Zipser, 1989)
    scheduled sampling   true angles with a probability that falls from 1 to 0 in the course of
                         training, else the network's own predictions (S. Bengio et al., 2015)
    free running         its own predictions

The gradient also passes through the predictions that are fed back.
"""

import numpy as np

from course_lib.backend import T, floatX, function, new_rng, scan, theano
from course_lib.experiments.prepare import compile_once, start_anew
from course_lib.layers import Dense, SimpleRNN
from course_lib.models import Sequential
from course_lib.optimizers import Adam
from course_lib.tasks import pendulums

TRAININGS = ("teacher forcing", "scheduled sampling", "free running")

SETTINGS = [
    {
        "training": training,
        "seed": seed,
        "units": 32,
        "samples": 500,
        "steps": 60,
        "epochs": 80,
        "batch_size": 25,
        "learning_rate": 0.003,
    }
    for training in TRAININGS
    for seed in range(5)
]

KNOWN, AHEAD = 40, 60  # true angles before a test, and steps predicted in it


def step(true_t, given_t, h, y, W_xh, W_hh, b_h, W_hy, b_y):
    """One time step: the input is the true value where `given_t` is 1, else the last output."""
    x_t = given_t * true_t + (1 - given_t) * y
    h = T.tanh(T.dot(x_t, W_xh) + T.dot(h, W_hh) + b_h)
    return h, T.dot(h, W_hy) + b_y


def outputs(values, given, weights):
    """The network's outputs, as symbols (time, samples, 1) like `values` and `given`."""
    first_y = T.zeros_like(values[0])
    first_h = T.dot(first_y, T.zeros_like(weights[0]))
    states = [first_h, first_y]
    _, y = scan(step, sequences=[values, given], outputs_info=states, non_sequences=weights)
    return y


@compile_once
def network_for(units, learning_rate):
    """A model for its weights, its optimizer, and two functions: train on a batch, and predict."""
    model = Sequential([SimpleRNN(units, input_shape=(None, 1)), Dense(1)])
    weights, optimizer = model.trainable_weights, Adam(learning_rate, global_clipnorm=1.0)
    optimizer.build(weights)
    values, given, targets = T.tensor3("values"), T.tensor3("given"), T.tensor3("targets")
    y = outputs(values, given, weights)
    loss = ((y - targets) ** 2).mean()
    updates = optimizer.updates(weights, theano.grad(loss, weights))
    train = function([values, given, targets], loss, updates=updates)
    return model, optimizer, train, function([values, given], y)


def given_in(training, progress, shape, rng):
    """Which inputs (time, samples, 1) are true angles: bool; `progress` runs from 0 to 1."""
    probability = {"teacher forcing": 1, "scheduled sampling": 1 - progress, "free running": 0}
    given = rng.random(shape) < probability[training]
    given[: shape[0] // 3] = True
    return given


def run(training, seed, units, samples, steps, epochs, batch_size, learning_rate):
    """Train once. Root mean squared errors (rad) on 200 other pendulums:

    one_step        with true angles as inputs, over the last 60 of 100 steps
    free_20, free_50    after 20 and 50 own predictions have been fed back
    """
    model, optimizer, train, predict = network_for(units, learning_rate)
    start_anew(model, seed)
    optimizer.reset()
    rng = new_rng()
    angles = floatX(pendulums(samples, steps + 1, seed=1)[0].T[:, :, None])
    for epoch in range(epochs):
        order = rng.permutation(samples)
        for start in range(0, samples, batch_size):
            batch = angles[:, order[start : start + batch_size]]
            given = given_in(training, epoch / (epochs - 1), batch[1:].shape, rng)
            train(batch[:-1], floatX(given), batch[1:])
    return errors(predict)


def errors(predict):
    """The test errors of `run`."""
    angles = floatX(pendulums(200, KNOWN + AHEAD, seed=2)[0].T[:, :, None])
    inputs, truth = angles[:-1], angles[KNOWN:]
    given = np.ones_like(inputs)
    one_step = predict(inputs, given)[KNOWN - 1 :] - truth
    given[KNOWN:] = 0
    free = predict(inputs, given)[KNOWN - 1 :] - truth
    sizes = np.sqrt((free**2).mean(axis=(1, 2)))
    return {
        "one_step": round(float(np.sqrt((one_step**2).mean())), 4),
        "free_20": round(float(sizes[20]), 4),
        "free_50": round(float(sizes[50]), 4),
    }
