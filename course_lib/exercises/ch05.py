"""The exercises of chapter 05: a step, half-lives, the belt, chrono, and a cell of one's own."""

import numpy as np
from scipy.special import expit as logistic

from course_lib.backend import T, floatX
from course_lib.cells import LSTMCell
from course_lib.exercises.answer import Answer, NotYet, as_array, compare, equal
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, winner, words


def weights(rng, features, units):
    """W_xh, W_hh and b_h of size 1, so that each of them shows."""
    shapes = [(features, 4 * units), (units, 4 * units)]
    b_h = rng.choice([-1, 1], size=4 * units) * rng.uniform(0.5, 1, size=4 * units)
    return [floatX(rng.normal(size=shape)) for shape in shapes] + [floatX(b_h)]


def blocks(x, h, W_xh, W_hh, b_h):
    """What goes into input gate, forget gate, candidate and output gate."""
    return np.split(x @ W_xh + h @ W_hh + b_h, 4, axis=-1)


@exercise(
    "05.1",
    "Compute x_t W_xh + h W_hh + b_h once, and cut its columns into four blocks. Rows are samples: "
    "np.split needs axis=1.",
    "`i, f, g, o = np.split(x_t @ W_xh + h @ W_hh + b_h, 4, axis=1)`, then the sigmoid of three of "
    "them and the tanh of one.",
    "First the new c, then h from it: h = o * tanh(c).",
)
def lstm_step(answer, rng):
    """One step of an LSTM for a batch: the new h and the new c."""
    for batch, features, units in [(5, 3, 4), (3, 1, 2), (2, 4, 3)]:
        x, h, c = (floatX(rng.normal(size=(batch, n))) for n in (features, units, units))
        W_xh, W_hh, b_h = weights(rng, features, units)
        pre = blocks(x, h, W_xh, W_hh, b_h)
        i, f, _, o = map(logistic, pre)
        g = np.tanh(pre[2])

        def ends(c, o=o):
            return o * np.tanh(c), c

        def step(pre, c=c):
            i, f, g, o = pre
            return ends(logistic(f) * c + logistic(i) * np.tanh(g), logistic(o))

        h_new, c_new = right = ends(f * c + i * g)
        answer.gives(
            right,
            *(x, h, c, W_xh, W_hh, b_h),
            names=["h", "c"],
            mistakes={
                "first h, then c: yours come the other way round": (c_new, h_new),
                "input gate and forget gate are swapped: the first block is the input gate": (
                    step([pre[1], pre[0], pre[2], pre[3]])
                ),
                "candidate and output gate are swapped: Keras's order is i, f, candidate, o": (
                    step([pre[0], pre[1], pre[3], pre[2]])
                ),
                "forget gate and output gate are swapped: Keras's order is i, f, candidate, o": (
                    step([pre[0], pre[3], pre[2], pre[1]])
                ),
                "forget gate and candidate are swapped: Keras's order is i, f, candidate, o": (
                    step([pre[0], pre[2], pre[1], pre[3]])
                ),
                "the bias is forgotten": step([p - b for p, b in zip(pre, np.split(b_h, 4))]),
                "the old h is forgotten: the gates look at it, too": (
                    step(blocks(x, 0 * h, W_xh, W_hh, b_h))
                ),
                "the input is forgotten: x_t must come in": (
                    step(blocks(0 * x, h, W_xh, W_hh, b_h))
                ),
                "the old c goes into the gates: they look at the old h": (
                    step(blocks(x, c, W_xh, W_hh, b_h))
                ),
                "the old h is taken for the belt: the forget gate multiplies the old c": (
                    ends(f * h + i * g)
                ),
                "the tanh of the cell state is forgotten: h = o * tanh(c)": (o * c_new, c_new),
                "h is made from the old c: compute the new c first": (o * np.tanh(c), c_new),
                "the tanh is for h alone: the c you return goes on without it": (
                    (h_new, np.tanh(c_new))
                ),
                "the candidate lacks its tanh": ends(f * c + i * pre[2]),
                "the candidate is no gate: it has a tanh, not a sigmoid": (
                    ends(f * c + i * logistic(pre[2]))
                ),
                "the gates lack their sigmoid": ends(pre[1] * c + pre[0] * g, pre[3]),
                "the gates are squashed by tanh: they need a sigmoid": (
                    ends(np.tanh(pre[1]) * c + np.tanh(pre[0]) * g, np.tanh(pre[3]))
                ),
                "the input gate is missing: it multiplies the candidate": ends(f * c + g),
                "the forget gate is missing: it multiplies the old c": ends(c + i * g),
                "the output gate is missing: h = o * tanh(c)": ends(f * c + i * g, 1),
                "the forget gate is for the old c alone: what is new must not pass it": (
                    ends(f * (c + i * g))
                ),
                "the old c is forgotten: c = f * c + i * candidate": ends(i * g),
                "1 - f stands where the input gate belongs": ends(f * c + (1 - f) * g),
            },
        )


@exercise(
    "05.2",
    "If the gate is f, the share f ** half_life is left. For which f is that one half?",
    "f = 0.5 ** (1 / half_life). And for which b is the sigmoid of b equal to f?",
    "Solve 1 / (1 + exp(-b)) = f for b: it is the logarithm of f / (1 - f).",
)
def forget_bias(answer, rng):
    """The forget bias that leaves half of the belt after a number of steps."""
    for low, high in [(1.5, 3), (8, 12), (40, 60), (200, 400)]:
        n = float(rng.uniform(low, high))
        f = 0.5 ** (1 / n)

        def bias(gate):
            return np.log(gate / (1 - gate))

        mistakes = {
            "this is the forget gate: which bias makes it?": f,
            "the sign is turned: a bias above 0 opens the gate": -bias(f),
            "this is the logarithm of the gate: undo the sigmoid, not an exponential": np.log(f),
            "with this bias 1/e is left, not one half": bias(np.exp(-1 / n)),
            "this is the bias ln u of chrono: it makes the gate u / (1 + u), which leaves less "
            "than half after u steps": np.log(n),
            "this is the half-life that such a bias has: you are given the half-life": (
                np.log(2) / np.log1p(np.exp(-n))
            ),
            "a gate of one half leaves one half after a single step": 0.0,
            "the gate is 0.5 ** half_life here: it is the root that is asked for": bias(0.5**n),
            "you take the same amount off the belt at each step: a gate multiplies it": (
                bias(1 - 0.5 / n)
            ),
            "this gate is 1 - 1 / half_life: what does it leave after half_life steps?": (
                bias(1 - 1 / n)
            ),
        }
        answer.gives(bias(f), n, names=["the bias"], mistakes=mistakes)


@exercise(
    "05.3",
    "c_3 = f_3 * c_2 + ..., and c_2 = f_2 * c_1 + ... Which gates lie between c_1 and c_3?",
    "Go backward: the last row is 1, and each row is the one below it times the gate below it.",
    "`row[k] = row[k + 1] * f[k + 1]`",
)
def belt_gradient(answer, rng):
    """The derivative of the last cell state by each of them, along the belt."""
    for time, units in [(6, 3), (4, 2), (9, 1)]:
        f = floatX(rng.uniform(0.4, 0.95, size=(time, units)))
        products = np.cumprod(f[::-1], axis=0)[::-1]  # each with its own gate
        right = np.append(products[1:], np.ones((1, units)), axis=0)
        answer.gives(
            right,
            f,
            mistakes={
                "one gate too many: f[k] lies before c[k], not behind it": products,
                "one gate is missing: the next one, f[k + 1], lies behind c[k]": (
                    np.append(right[1:], np.ones((1, units)), axis=0)
                ),
                "these are the products from the first step on: the gradient comes from the last": (
                    np.cumprod(f, axis=0)
                ),
                "your rows stand backward in time: the last one is to be 1": right[::-1],
                "gates multiply the gradient, you add them up": (
                    np.append(np.cumsum(f[:0:-1], axis=0)[::-1], np.ones((1, units)), axis=0)
                ),
                "this is the derivative by the next state only: the gates of all later steps "
                "are to be multiplied": np.append(f[1:], np.ones((1, units)), axis=0),
                "this is the product of all gates for every step: step k is left by the later "
                "ones only": np.tile(products[0], (time, 1)),
                "this is the product of all gates: one for each step k is asked for": products[0],
                "the last row is missing: the derivative of the last state by itself": right[:-1],
                "the power of one gate: every step has a gate of its own": (
                    f ** np.arange(time)[::-1, None]
                ),
            },
        )


def cell_path(x, W_xh, W_hh, b_h, forget=None, reset=False):
    """All h and c of an LSTM on x (time, features); `forget` takes the forget gate's place."""
    h, c = np.zeros(len(W_hh)), np.zeros(len(W_hh))
    path = []
    for x_t in x:
        i, f, g, o = blocks(x_t, 0 * h if reset else h, W_xh, W_hh, b_h)
        f = logistic(f) if forget is None else forget
        c = f * (0 * c if reset else c) + logistic(i) * np.tanh(g)
        h = logistic(o) * np.tanh(c)
        path.append((h, c))
    return tuple(np.array(part) for part in zip(*path))


def steps_from_zero(c, rest, f):
    """After how many steps from 0 on, always the same, the belt is at c; None if it never is."""
    if c.shape != rest.shape or equal(c, rest):
        return None
    k = f.argmax()  # this one takes longest
    with np.errstate(all="ignore"):
        steps = np.log(1 - c[k] / rest[k]) / np.log(f[k])
    if not (np.isfinite(steps) and steps > 0.5 and equal(c, rest * (1 - f ** np.round(steps)))):
        return None
    return int(np.round(steps))


@exercise(
    "05.4",
    "A loop over the rows of x, with h and c starting at zeros. Without the gate, f is 1.",
    "The belt rests when c = f * c + i * g. Solve that for c.",
    "With W_hh = 0 the gates are the same at every step: i, f and g follow from x_t W_xh + b_h.",
)
def without_forget_gate(cell_states, resting_point, rng):
    """All cell states with and without forget gate, and where the first ones end."""
    for time, features, units in [(7, 3, 4), (5, 1, 2), (4, 2, 3)]:
        x, own = floatX(rng.normal(size=(time, features))), weights(rng, features, units)
        W_xh, W_hh, b_h = own
        ignored = [
            "with forget_gate=False the gate still forgets: nothing may be lost",
            "forget_gate=True leaves the gate away, and False keeps it: turn it round",
        ]
        for forget_gate in (True, False):
            forget = None if forget_gate else 1
            h, c = cell_path(x, *own, forget)
            cell_states.gives(
                c,
                *(x, *own, forget_gate),
                names=[f"cell_states with forget_gate={forget_gate}"],
                mistakes={
                    ignored[forget_gate]: cell_path(x, *own, 1 if forget_gate else None)[1],
                    "without a forget gate the old c is wiped: nothing is forgotten if f is 1": (
                        cell_path(x, *own, 0)[1]
                    ),
                    "without a forget gate f is 1, yours is one half": cell_path(x, *own, 0.5)[1],
                    "these are the hidden states h: the belt is c": h,
                    "this is only the last cell state: return all of them": c[-1],
                    "the states are reset at each step: hand h and c on": (
                        cell_path(x, *own, forget, reset=True)[1]
                    ),
                    "the start state comes out as well: there is one state for each time step": (
                        np.append(0 * c[:1], c, axis=0)
                    ),
                    "the bias is forgotten": cell_path(x, W_xh, W_hh, 0 * b_h, forget)[1],
                    "h does not come back in: the gates look at the old h": (
                        cell_path(x, W_xh, 0 * W_hh, b_h, forget)[1]
                    ),
                },
            )

    for features, units in [(3, 4), (1, 2), (2, 5)]:
        x_t, (W_xh, _, b_h) = floatX(rng.normal(size=features)), weights(rng, features, units)
        b_h[units : 2 * units] = rng.uniform(1, 3, size=units) - (x_t @ W_xh)[units : 2 * units]
        i, f, g, o = np.split(x_t @ W_xh + b_h, 4)
        i, f, g, o = logistic(i), logistic(f), np.tanh(g), logistic(o)
        rest = i * g / (1 - f)
        result = as_array(resting_point(x_t, W_xh, b_h), "resting_point")
        steps = steps_from_zero(result, rest, f)
        if steps:
            raise NotYet(
                f"resting_point gives c after {steps} equal step{'s' * (steps > 1)}: "
                "it is not at rest yet"
            )
        compare(
            result,
            rest,
            names=["resting_point"],
            mistakes={
                "this is tanh of the resting point: c itself is asked for": np.tanh(rest),
                "this is h at the resting point: c is asked for": o * np.tanh(rest),
                "you divide by f: solve c = f * c + i * g for c once more": i * g / f,
                "you divide by 1 + f: solve c = f * c + i * g for c once more": i * g / (1 + f),
                "you divide by 1 - i: what is lost at each step is (1 - f) * c": i * g / (1 - i),
                "the input gate is forgotten": g / (1 - f),
                "the candidate is forgotten": i / (1 - f),
                "what comes in is not divided by what is lost, but multiplied": i * g * (1 - f),
            },
        )


@exercise(
    "05.5",
    "u runs from 0 to 1. Which stretching and shifting makes it run from 1 to T - 1?",
    "ln(1 + (T - 2) u) is the bias of the forget gates. Where do they stand among the four blocks?",
    "`np.concatenate([-b_f, b_f, zeros, zeros])`",
)
def chrono_bias(answer, rng):
    """The biases of a whole LSTM layer with a chrono start."""
    for longest, units in [(50, 4), (7, 2), (400, 3)]:
        u = floatX(rng.uniform(0.1, 0.9, size=units))
        zeros = np.zeros(units)

        def layer(b_i, b_f, zeros=zeros):
            return np.concatenate([b_i, b_f, zeros, zeros])

        def chrono(span, b_i=-1, longest=longest):
            return layer(b_i * np.log(span), np.log(span))

        scale = 1 + (longest - 2) * u
        b_f = np.log(scale)
        answer.gives(
            chrono(scale),
            *(longest, u),
            names=["the bias"],
            mistakes={
                "input gate and forget gate are swapped: the first block is the input gate": (
                    layer(b_f, -b_f)
                ),
                "the sign of the input gate's bias is wrong: it starts closed": (
                    chrono(scale, b_i=1)
                ),
                "the bias of the input gate is forgotten: the opposite of the forget gate's": (
                    chrono(scale, b_i=0)
                ),
                "the logarithm is missing": layer(-scale, scale),
                "u must be spread from 1 to T - 1, yours ends at T": (
                    chrono(1 + (longest - 1) * u)
                ),
                "u must be spread from 1 to T - 1, yours begins at 0": chrono((longest - 1) * u),
                "u must be spread from 1 to T - 1, yours runs from 0 to T": chrono(longest * u),
                "u must be spread from 1 to T - 1, yours runs from 0 to T - 2": (
                    chrono((longest - 2) * u)
                ),
                "u must be spread from 1 to T - 1, yours runs from 1 to T + 1": (
                    chrono(1 + longest * u)
                ),
                "u is not spread: it runs from 0 to 1, and must run from 1 to T - 1": chrono(u),
                "this is the bias ln T for all units: each is to have a time of its own": (
                    chrono(np.full(units, float(longest)))
                ),
                "the blocks stand in another order: input, forget, candidate, output": (
                    np.concatenate([-b_f, zeros, b_f, zeros])
                ),
                "the blocks stand in another order: input first, then forget": (
                    np.concatenate([-b_f, zeros, zeros, b_f])
                ),
                "the output gates get a bias, too: leave it at 0": (
                    np.concatenate([-b_f, b_f, zeros, b_f])
                ),
                "the biases stand unit by unit: all input gates first, then all forget gates": (
                    np.stack([-b_f, b_f, zeros, zeros], axis=1).ravel()
                ),
                "these are the forget gates alone: the whole layer has 4 * units biases": b_f,
                "input and forget gates alone: the other two blocks have a bias of 0": (
                    np.concatenate([-b_f, b_f])
                ),
                "the four blocks stand in rows: join them into one, (4 * units,)": (
                    np.stack([-b_f, b_f, zeros, zeros])
                ),
            },
        )


def new_states(cell_class, x, h, c, rng):
    """One step of an LSTM cell that a learner has changed, with weights of size 1.

    Returns the new h, the new c, and the weights.
    """
    cell = cell_class(h.shape[1])
    cell.build(x.shape[1])
    for variable in cell.weights:
        variable.set_value(floatX(rng.normal(size=variable.get_value().shape)))
    x, h, c = (T.as_tensor_variable(array) for array in (x, h, c))
    result = cell.step(cell.project(x), h, c, *cell.recurrent_weights)
    if not isinstance(result, (list, tuple)) or len(result) != 2:
        raise NotYet("step must return two lists: the new states, and what it keeps (maybe [])")
    if not isinstance(result[0], (list, tuple)) or len(result[0]) != 2:
        raise NotYet("the first list that step returns must be the new states [h, c]")
    h, c = (as_array(state, f"the new {name}") for name, state in zip("hc", result[0]))
    return h, c, [variable.get_value() for variable in cell.weights]


@exercise(
    "05.6",
    "Start from the step of the LSTM and change one thing: leave out a gate or a tanh, or let one "
    "gate do the work of two.",
    "If the gate f also decides what comes in, c = f * c + (1 - f) * g; i is no longer needed.",
    "`losses = {'LSTM': contest(LSTM(16)), 'mine': contest(MyLSTM(16))}`, and the winner has the "
    "smaller median.",
)
def own_cell(cell, report, rng):
    """A cell of the learner's own, and how it does next to the LSTM."""
    if not (isinstance(cell.given, type) and issubclass(cell.given, LSTMCell)):
        raise NotYet("the first answer must be your cell, a class made from LSTMCell")
    for batch, features, units in [(3, 2, 4), (2, 3, 1)]:
        x, h, c = (floatX(rng.normal(size=(batch, n))) for n in (features, units, units))
        one_step = Answer(lambda x=x, h=h, c=c: new_states(cell.given, x, h, c, rng))
        h_new, c_new, own = one_step()
        for name, state in (("h", h_new), ("c", c_new)):
            if state.shape != h.shape:
                raise NotYet(
                    f"the new {name} must have shape (batch, units) = {h.shape}, got {state.shape}"
                )
        if [w.shape for w in own] == [(features, 4 * units), (units, 4 * units), (4 * units,)]:
            i, f, g, o = blocks(x, h, *own)
            c_lstm = logistic(f) * c + logistic(i) * np.tanh(g)
            if equal(c_new, c_lstm) and equal(h_new, logistic(o) * np.tanh(c_lstm)):
                raise NotYet("your cell computes the same as the LSTM: change something in it")

    keys = ("prediction", "task", "losses", "winner", "conclusion")
    prediction, task, losses, best, conclusion = entries(report, *keys)
    words(prediction, "the prediction", 5)
    words(task, "the task", 1)
    losses = lists(losses, "losses", 2, including=["LSTM"])
    for name, values in losses.items():
        if len(np.unique(values)) < len(values):
            raise NotYet(f"two losses of {name} are equal: take another seed for each")
    winner(best, losses)
    words(conclusion, "the conclusion", 10)
