"""The exercises of chapter 06: steps, sizes, a leaky average, and weights from elsewhere."""

from functools import partial
from itertools import count

import numpy as np
from scipy.special import expit as logistic
from scipy.special import logit

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, as_array, equal
from course_lib.exercises.question import Question, normal, with_each, without
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, fair_sizes, lists, winner, words

# --- 06.1: two GRUs ----------------------------------------------------------------------------


def after_product(r, from_x, h, W, b):
    """What goes into the tanh of the candidate, with the reset gate r after the product."""
    return from_x + r * (h @ W + b)


def before_product(r, from_x, h, W, b):
    """The same with the reset gate before the product."""
    return from_x + (r * h) @ W + b


def step_after(
    *given,
    rows=lambda b_h: b_h,
    order=(0, 1, 2),
    inside=after_product,
    mix=lambda z, h, inside: z * h + (1 - z) * np.tanh(inside),
):
    """The new state of a GRU, for a batch or one sample; every option is for a mistake."""
    x, h, W_xh, W_hh, b_h = given
    b_x, b_r = rows(b_h)

    def blocks(a):
        parts = np.split(a, 3, axis=-1)
        return [parts[k] for k in order]

    (x_z, x_r, x_c), (h_z, h_r, _) = blocks(x @ W_xh + b_x), blocks(h @ W_hh + b_r)
    z, r = logistic(x_z + h_z), logistic(x_r + h_r)
    return mix(z, h, inside(r, x_c, h, blocks(W_hh)[2], blocks(b_r)[2]))


def step_before(*given, inside=before_product, **options):
    """The same with one row of biases, and the reset gate before the product."""
    return step_after(*given, rows=lambda b_h: (b_h, 0 * b_h), inside=inside, **options)


ROWS = {
    "the recurrent bias b_h[1] is forgotten": lambda b_h: (b_h[0], 0 * b_h[1]),
    "the input's bias b_h[0] is forgotten": lambda b_h: (0 * b_h[0], b_h[1]),
    "the rows of b_h are swapped: row 0 joins the input": lambda b_h: b_h[::-1],
}
MIXES = {
    "the tanh of the candidate is missing": lambda z, h, inside: z * h + (1 - z) * inside,
    "the candidate is no gate: it has a tanh, not a sigmoid": (
        lambda z, h, inside: z * h + (1 - z) * logistic(inside)
    ),
    "this is the candidate: the new state is a mix of it and the old one": (
        lambda z, h, inside: np.tanh(inside)
    ),
    "the old state is forgotten in the mix: z of it stays": (
        lambda z, h, inside: (1 - z) * np.tanh(inside)
    ),
    "the candidate lacks its factor 1 - z": lambda z, h, inside: z * h + np.tanh(inside),
}


def common_mistakes(step):
    """Mistakes in one step that are the same in both variants."""
    order = "are swapped: Keras's order is z, r, candidate"
    return {
        "z and 1 - z are swapped: z keeps the old state": (
            partial(step, mix=lambda z, h, inside: (1 - z) * h + z * np.tanh(inside))
        ),
        f"z and r {order}": partial(step, order=(1, 0, 2)),
        f"z and the candidate {order}": partial(step, order=(2, 1, 0)),
        f"r and the candidate {order}": partial(step, order=(0, 2, 1)),
        "the reset gate is missing: it stands between the old state and the candidate": (
            partial(step, inside=lambda r, from_x, h, W, b: from_x + h @ W + b)
        ),
        "the reset gate multiplies what comes from the input, too: it is for the old state": (
            partial(step, inside=lambda r, from_x, h, W, b: r * (from_x + h @ W + b))
        ),
        **with_each(step, "mix", MIXES),
        "the bias is forgotten": without(step, 4),
        "the input is forgotten: x_t must come in": without(step, 0),
        "gates and candidate do not see the old state: W_hh is not used": without(step, 3),
    }


def weights(rng, features, units):
    """W_xh, W_hh and b_h (two rows) of size 1, so that each of them shows."""
    b_h = rng.choice([-1, 1], size=(2, 3 * units)) * rng.uniform(0.5, 1, size=(2, 3 * units))
    return *normal(rng, (features, 3 * units), (units, 3 * units)), floatX(b_h)


def batches(rng):
    """Inputs, old states and weights of one step."""
    for batch, features, units in [(5, 3, 4), (3, 1, 2), (2, 4, 3)]:
        yield *normal(rng, (batch, features), (batch, units)), *weights(rng, features, units)


exercise(
    "06.1",
    Question(
        step_after,
        batches,
        {
            "the reset gate acts before the product here: it belongs after it": (
                partial(step_after, inside=before_product)
            ),
            "the reset gate must reach the candidate's second bias, too": (
                partial(step_after, inside=lambda r, from_x, h, W, b: from_x + r * (h @ W) + b)
            ),
            **with_each(step_after, "rows", ROWS),
            **common_mistakes(step_after),
        },
        names=["step_after"],
    ),
    Question(
        step_before,
        lambda rng: ((*others, b_h[0]) for *others, b_h in batches(rng)),
        {
            "the reset gate acts after the product here: it belongs before it": (
                partial(step_before, inside=after_product)
            ),
            **common_mistakes(step_before),
        },
        names=["step_before"],
    ),
    hints=[
        "Rows are samples: np.split(..., 3, axis=1) cuts the columns into the blocks of z, r and "
        "the candidate.",
        "After: split x_t W_xh + b_h[0] and h W_hh + b_h[1], each for itself; r multiplies the "
        "last block of the second.",
        "Before: z and r come first, from their blocks of W_hh. Then (r * h) times the last block.",
    ],
)

# --- 06.2: equal budgets -----------------------------------------------------------------------

BLOCKS = {"RNN": 1, "GRU": 3, "GRU before": 3, "LSTM": 4}


def size(
    cell,
    features,
    units,
    more=0,
    block=lambda m, n: n * (m + n + 1),
    second_bias=lambda cell, n: 3 * n if cell == "GRU" else 0,
):
    """The number of parameters of a recurrent layer; every option is for a mistake."""
    return (BLOCKS[cell] + more) * block(features, units) + second_bias(cell, units)


def largest_units(cell, features, budget):
    """How many units a layer can have with a budget of parameters."""
    return next(n for n in count(1) if size(cell, features, n + 1) > budget)


def budgets(rng):
    """Budgets for all cells: exact, one too small, one to spare, and for a single unit."""
    for cell in BLOCKS:
        for spare, low in [(0, 8), (-1, 12), (1, 20), (0, 1)]:
            features, units = int(rng.integers(1, 6)), int(rng.integers(low, 2 * low))
            yield cell, features, size(cell, features, units) + spare


def too_many_or_few(got, cell, features, budget):
    """A sentence about a wrong number of units."""
    call, (units,) = f"largest_units({cell!r}, {features}, {budget})", got
    if units.shape != () or units % 1:
        return f"{call} must be one whole number of units, got {units}"
    has = size(cell, features, int(units))
    if has > budget:
        return f"{call} is too large: {units} units have {has} parameters"
    return f"{call} is too small: {units} units have only {has} parameters"


exercise(
    "06.2",
    Question(
        size,
        lambda rng: ((cell, *rng.integers((2, 9), (4, 15)).tolist()) for cell in BLOCKS),
        {
            "the recurrent weights are forgotten": partial(size, block=lambda m, n: n * (m + 1)),
            "the input weights are forgotten": partial(size, block=lambda m, n: n * (n + 1)),
            "the biases are forgotten": lambda cell, m, n: BLOCKS[cell] * n * (m + n),
            "one block is missing, or one too many: how many gates are there, and what else?": (
                partial(size, more=-1)
            ),
            "one block too many: the cell state is no block, and neither is the hidden state": (
                partial(size, more=1)
            ),
            "the second bias row of the default GRU is forgotten": (
                partial(size, second_bias=lambda cell, n: 0)
            ),
            "the second bias row is for all three blocks in the default GRU": (
                partial(size, second_bias=lambda cell, n: n if cell == "GRU" else 0)
            ),
            "only the default GRU has two bias rows": (
                partial(size, second_bias=lambda cell, n: BLOCKS[cell] * n)
            ),
        },
        names=lambda cell, m, n: [f"count_parameters({cell!r}, {m}, {n})"],
    ),
    Question(largest_units, budgets, otherwise=too_many_or_few),
    hints=[
        "Each block has units * (features + units + 1). How many blocks does each cell have?",
        "The default GRU has 3 * units more, its second bias row.",
        "For the second function try 1, 2, 3, ... units until the next one would be too large.",
    ],
)

# --- 06.3: a leaky average ---------------------------------------------------------------------


def leaky_weights(steps, bias=lambda steps: np.log(steps - 1)):
    """W_xh, W_hh and b_h with that bias of the update gate; every other one is a mistake."""
    return np.array([[0, 0, 1]]), np.zeros((1, 3)), np.array([[bias(steps), 0, 0], [0, 0, 0]])


GATE_BIASES = {
    "z and 1 - z are swapped: your unit keeps only a small share of its state": (
        lambda steps: -np.log(steps - 1)
    ),
    "the two rows of b_h are added: together they open the gate too far": (
        lambda steps: 2 * np.log(steps - 1)
    ),
    "the bias ln(steps) makes a gate of steps / (steps + 1): a little too much": np.log,
    "this bias is the value of the gate: which bias makes a gate of that value?": (
        lambda steps: 1 - 1 / steps
    ),
    "your update gate is at one half: its bias stands in the first column": lambda steps: 0,
    "after so many steps half of the state is left: it is 1 / steps that each step "
    "replaces": lambda steps: logit(0.5 ** (1 / steps)),
    "this gate is exp(-1 / steps), which is close: it is to be 1 - 1 / steps": (
        lambda steps: logit(np.exp(-1 / steps))
    ),
}


def states(W_xh, W_hh, b_h):
    """The states of a GRU with one unit on an input that goes up and down."""
    h, path = np.zeros(1), []
    for x_t in np.sin(np.arange(1, 41))[:, None]:
        h = step_after(x_t, h, W_xh, W_hh, b_h)
        path.append(h)
    return np.array(path)


def kept(result, steps):
    """The share of its state that a unit keeps at each step; NotYet if it is no leaky average."""
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise NotYet("return three arrays: W_xh, W_hh and b_h")
    own = [as_array(part, name) for part, name in zip(result, ("W_xh", "W_hh", "b_h"))]
    for part, name, shape in zip(own, ("W_xh", "W_hh", "b_h"), [(1, 3), (1, 3), (2, 3)]):
        if part.shape != shape:
            raise NotYet(f"{name} must have shape {shape}, got {part.shape}")
    W_xh, W_hh, b_h = own
    path, bias = states(*own), b_h[:, 0].sum()
    if not path.any():
        raise NotYet("the state stays at 0: how does the input reach the candidate?")
    silent = {
        "the input reaches the update gate: this gate is to stay the same": W_xh[:, 0],
        "the old state reaches the update gate: this gate is to stay the same": W_hh[:, 0],
        "the old state reaches the candidate: it is to be the tanh of the input alone": W_hh[:, 2],
        "the candidate has a bias: it is to be the tanh of the input alone": b_h[:, 2],
        "the input reaches the candidate with another weight than 1": W_xh[:, 2] - 1,
    }
    if not equal(path, states(*leaky_weights(steps, lambda steps: bias))):
        raise NotYet(next(sentence for sentence, part in silent.items() if part.any()))
    return logistic(bias)


exercise(
    "06.3",
    Question(
        leaky_weights,
        lambda rng: ((int(rng.integers(*ends)),) for ends in [(4, 9), (15, 30), (50, 90)]),
        with_each(leaky_weights, "bias", GATE_BIASES),
        look=kept,
        otherwise=lambda got, steps: (
            f"for {steps} steps your unit keeps {got[0]:.4g} of its state at each step, but "
            f"should keep {1 - 1 / steps:.4g}"
        ),
    ),
    hints=[
        "Compare with h_t = z h_{t-1} + (1 - z) candidate: what must z be, and what the candidate?",
        "The candidate is tanh(x_t): nothing else may go into it. And z is always 1 - 1 / steps.",
        "No input and no state may reach z, so its bias does it all: sigmoid(b) = 1 - 1 / steps.",
        "sigmoid(ln u) = u / (1 + u). For which u is that 1 - 1 / steps?",
    ],
)

# --- 06.4: weights from a paper ----------------------------------------------------------------

PLUS, MINUS = (1, 1, 1), (-1, 1, 1)  # the signs of z, r and the candidate


def from_paper(
    paper, W=MINUS, U=MINUS, b=MINUS, order=("_z", "_r", ""), turn=np.transpose, of_z=lambda a: a
):
    """W_xh, W_hh and b_h for Keras, by the signs of the three kinds; options are for mistakes."""
    paper = {name: of_z(a) if name.endswith("_z") else a for name, a in paper.items()}
    return (
        np.hstack([sign * paper[f"W{name}"].T for sign, name in zip(W, order)]),
        np.hstack([sign * turn(paper[f"U{name}"]) for sign, name in zip(U, order)]),
        np.hstack([sign * paper[f"b{name}"] for sign, name in zip(b, order)]),
    )


def signed(*signs, **options):
    """The same signs for all three kinds."""
    return partial(from_paper, W=signs, U=signs, b=signs, **options)


def papers(rng):
    """The nine arrays of a paper, by their names."""
    for features, units in [(3, 4), (1, 2), (5, 3)]:
        shapes = {"W": (units, features), "U": (units, units), "b": (units,)}
        names = [kind + name for kind in shapes for name in ("_z", "_r", "")]
        yield ({name: floatX(rng.normal(size=shapes[name[0]])) for name in names},)


exercise(
    "06.4",
    Question(
        from_paper,
        papers,
        {
            "in the paper z lets the new state in, here it keeps the old one: convert that": (
                signed(1, 1, 1)
            ),
            "the bias of the update gate must change its sign, too": partial(from_paper, b=PLUS),
            "only the bias of the update gate has another sign: its weights go into it, too": (
                partial(from_paper, W=PLUS, U=PLUS)
            ),
            "U_z must change its sign, too": partial(from_paper, U=PLUS),
            "W_z must change its sign, too": partial(from_paper, W=PLUS),
            "you change the sign of everything: only the update gate is reversed": (
                signed(-1, -1, -1)
            ),
            "you change the sign of both gates: the reset gate means the same in both": (
                signed(-1, -1, 1)
            ),
            "you change the sign of the reset gate: it is the update gate that is reversed": signed(
                1, -1, 1
            ),
            "1 - z is not made from 1 - W_z: what is 1 - sigmoid(a)?": (
                signed(1, 1, 1, of_z=lambda a: 1 - a)
            ),
            "z and r are swapped: Keras's order is z, r, candidate": (
                signed(1, -1, 1, order=("_r", "_z", ""))
            ),
            "the order is z, r, candidate; and you change the sign of the reset gate": (
                signed(-1, 1, 1, order=("_r", "_z", ""))
            ),
            "the candidate stands first: Keras's order is z, r, candidate": (
                signed(1, -1, 1, order=("", "_z", "_r"))
            ),
            "the U are not transposed (since they are square, nothing else will tell you)": (
                partial(from_paper, turn=np.asarray)
            ),
        },
        names=["W_xh", "W_hh", "b_h"],
    ),
    hints=[
        "In the paper, matrices stand left of the vectors, here right of them: transpose each one.",
        "Join z, r and the candidate, in this order, with np.hstack.",
        "1 - sigmoid(a) = sigmoid(-a): change the sign of everything that enters the update gate.",
    ],
)

# --- 06.5: weights for PyTorch -----------------------------------------------------------------

TORCH = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def to_torch(
    *given,
    order=(1, 0, 2),
    bias_order=None,
    turn=np.transpose,
    biases=lambda b_ih, b_hh: (b_ih, b_hh),
):
    """The four arrays of PyTorch, by name; every option is for a mistake."""
    W_xh, W_hh, b_h = given

    def reorder(a, order=order):
        parts = np.split(a, 3, axis=-1)
        return np.concatenate([parts[k] for k in order], axis=-1)

    b_ih, b_hh = reorder(b_h, bias_order or order)
    return dict(zip(TORCH, (reorder(W_xh).T, turn(reorder(W_hh)), *biases(b_ih, b_hh))))


ORDERS = {
    "your blocks are still in Keras's order z, r, candidate: PyTorch's is r, z, n": (0, 1, 2),
    "the candidate stands first: PyTorch's order is r, z, n": (2, 1, 0),
    "the candidate stands between the gates: PyTorch's order is r, z, n": (1, 2, 0),
}
BIASES = {
    "the two biases are swapped: row 0 of b_h joins the input": lambda b_ih, b_hh: (b_hh, b_ih),
    "the recurrent bias is forgotten": lambda b_ih, b_hh: (b_ih, 0 * b_hh),
    "the input's bias is forgotten": lambda b_ih, b_hh: (0 * b_ih, b_hh),
    "the two biases may not be added: in the candidate the reset gate stands between "
    "them": lambda b_ih, b_hh: (b_ih + b_hh, 0 * b_hh),
    "you give both biases the sum of the two": lambda b_ih, b_hh: (b_ih + b_hh, b_ih + b_hh),
}


def reshaped(W_xh, W_hh, b_h):
    """The weights as they lie in memory, not transposed."""
    weights = [W.reshape(W.shape[::-1]) for W in (W_xh, W_hh)]
    return {**to_torch(W_xh, W_hh, b_h), **dict(zip(TORCH, weights))}


def other_z(*own):
    """The sign of all that goes into z is changed."""
    return to_torch(*(np.repeat([-1, 1, 1], len(own[1])) * part for part in own))


def what_counts(result, *own):
    """Weights, the sum of the biases of r and z, both biases of n; NotYet if some are missing."""
    if not isinstance(result, dict):
        raise NotYet(f"return a dict of four arrays, got {type(result).__name__}")
    for name, right in to_torch(*own).items():
        if name not in result:
            raise NotYet(f"your dict has no {name!r}, only {', '.join(map(str, result))}")
        array = as_array(result[name], name)
        if array.shape != right.shape:
            raise NotYet(f"{name} must have shape {right.shape}, got {array.shape}")
    weight_ih, weight_hh, bias_ih, bias_hh = (as_array(result[name]) for name in TORCH)
    gates = 2 * len(bias_ih) // 3
    joined = (bias_ih + bias_hh)[:gates]
    return weight_ih, weight_hh, joined, bias_ih[gates:], bias_hh[gates:]


exercise(
    "06.5",
    Question(
        to_torch,
        lambda rng: (weights(rng, *shape) for shape in [(3, 4), (1, 2), (5, 3)]),
        {
            **with_each(to_torch, "order", ORDERS),
            "the blocks of the biases are still in Keras's order": (
                partial(to_torch, bias_order=(0, 1, 2))
            ),
            "the blocks of the weights are still in Keras's order": (
                partial(to_torch, order=(0, 1, 2), bias_order=(1, 0, 2))
            ),
            "the blocks of weight_hh_l0 are not transposed": (
                partial(to_torch, turn=lambda W: np.vstack(np.split(W, 3, axis=1)))
            ),
            "reshape mixes the numbers up: transpose instead": reshaped,
            **with_each(to_torch, "biases", BIASES),
            "you change the sign of z: it keeps the old state in PyTorch as well": other_z,
        },
        names=[*TORCH[:2], "the sum of the biases of r and z", *(f"{b} of n" for b in TORCH[2:])],
        look=what_counts,
    ),
    hints=[
        "Both let z keep the old state and reset after the product, so no sign changes. What "
        "differs is the order of the blocks, and that PyTorch multiplies from the left.",
        "Reorder the columns first: `z, r, n = np.split(W_xh, 3, axis=1)`, then "
        "`np.hstack([r, z, n]).T`.",
        "The rows of b_h are reordered in the same way: row 0 is bias_ih_l0, row 1 bias_hh_l0.",
    ],
)

# --- 06.6: a fair contest ----------------------------------------------------------------------


def own_contest(report, rng):
    """Scores of at least two cells with about as many parameters."""
    keys = ("prediction", "task", "parameters", "scores", "winner", "conclusion")
    task, parameters, scores, best = entries(report, *keys)
    words(task, "the task", 1)
    scores = lists(scores, "scores", 2)
    if not isinstance(parameters, dict) or set(parameters) != set(scores):
        raise NotYet("the cells under 'parameters' and under 'scores' must have the same names")
    fair_sizes(parameters, "use largest_units")
    if len(np.unique(np.concatenate(list(scores.values())))) < 2:
        raise NotYet("all scores are equal: choose a task or a budget that tells the cells apart")
    winner(best, scores)


exercise(
    "06.6",
    test=own_contest,
    hints=[
        "Choose a task that one of your cells should find hard. largest_units makes the budgets "
        "equal.",
        "Each call of contest gives the number of parameters and the list of scores of one cell.",
        "Two dicts with the same names, one of the parameters and one of the scores; the winner "
        "has the smaller median score.",
    ],
)
