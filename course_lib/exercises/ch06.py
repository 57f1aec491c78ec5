"""The exercises of chapter 06: steps, sizes, a leaky average, and weights from elsewhere."""

import numpy as np
from scipy.special import expit as logistic

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, as_array, compare, equal
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, numbers, winner, words


def weights(rng, features, units):
    """W_xh, W_hh and b_h (two rows) of size 1, so that each of them shows."""
    shapes = [(features, 3 * units), (units, 3 * units)]
    b_h = rng.choice([-1, 1], size=(2, 3 * units)) * rng.uniform(0.5, 1, size=(2, 3 * units))
    return [floatX(rng.normal(size=shape)) for shape in shapes] + [floatX(b_h)]


def after_product(from_x, h, W, b, r):
    """What goes into the tanh of the candidate, with the reset gate r after the product."""
    return from_x + r * (h @ W + b)


def before_product(from_x, h, W, b, r):
    """Inside of the candidate's tanh with the reset gate before the product."""
    return from_x + (r * h) @ W + b


def update_gate(x, h, W_xh, W_hh, b_h, inside=after_product, order=(0, 1, 2)):
    """The update gate z, and what goes into the tanh of the candidate.

    b_h has two rows in both variants. Another `order` of the blocks is a mistake.
    """

    def blocks(a):
        parts = np.split(a, 3, axis=-1)
        return [parts[k] for k in order]

    x_z, x_r, x_c = blocks(x @ W_xh + b_h[0])
    h_z, h_r, _ = blocks(h @ W_hh + b_h[1])
    r = logistic(x_r + h_r)
    return logistic(x_z + h_z), inside(x_c, h, blocks(W_hh)[2], blocks(b_h[1])[2], r)


def step(x, h, *own, **options):
    """The new state."""
    z, inside = update_gate(x, h, *own, **options)
    return z * h + (1 - z) * np.tanh(inside)


def common_mistakes(x, h, own, inside):
    """Mistakes in one step that are the same in both variants."""
    W_xh, W_hh, b_h = own
    z, pre = update_gate(x, h, *own, inside=inside)
    candidate, blind = np.tanh(pre), update_gate(x, 0 * h, *own, inside=inside)
    order = "are swapped: Keras's order is z, r, candidate"
    return {
        "z and 1 - z are swapped: z keeps the old state": (1 - z) * h + z * candidate,
        f"z and r {order}": step(x, h, *own, inside=inside, order=(1, 0, 2)),
        f"z and the candidate {order}": step(x, h, *own, inside=inside, order=(2, 1, 0)),
        f"r and the candidate {order}": step(x, h, *own, inside=inside, order=(0, 2, 1)),
        "the reset gate is missing: it stands between the old state and the candidate": (
            step(x, h, *own, inside=lambda from_x, h, W, b, r: from_x + h @ W + b)
        ),
        "the reset gate multiplies what comes from the input, too: it is for the old state": (
            step(x, h, *own, inside=lambda from_x, h, W, b, r: r * (from_x + h @ W + b))
        ),
        "the tanh of the candidate is missing": z * h + (1 - z) * pre,
        "the candidate is no gate: it has a tanh, not a sigmoid": z * h + (1 - z) * logistic(pre),
        "this is the candidate: the new state is a mix of it and the old one": candidate,
        "the old state is forgotten in the mix: z of it stays": (1 - z) * candidate,
        "the candidate lacks its factor 1 - z": z * h + candidate,
        "the bias is forgotten": step(x, h, W_xh, W_hh, 0 * b_h, inside=inside),
        "the input is forgotten: x_t must come in": step(0 * x, h, *own, inside=inside),
        "gates and candidate do not see the old state: W_hh is not used": (
            blind[0] * h + (1 - blind[0]) * np.tanh(blind[1])
        ),
    }


@exercise(
    "06.1",
    "Rows are samples: np.split(..., 3, axis=1) cuts the columns into the blocks of z, r and the "
    "candidate.",
    "After: split x_t W_xh + b_h[0] and h W_hh + b_h[1], each for itself; r multiplies the last "
    "block of the second.",
    "Before: z and r come first, from their blocks of W_hh. Then (r * h) times the last block.",
)
def gru_steps(after, before, rng):
    """One step of a GRU for a batch, with the reset gate after and before the product."""
    for batch, features, units in [(5, 3, 4), (3, 1, 2), (2, 4, 3)]:
        x, h = (floatX(rng.normal(size=(batch, n))) for n in (features, units))
        W_xh, W_hh, b_h = own = weights(rng, features, units)
        first, second = (floatX(row) * b_h for row in ([[1], [0]], [[0], [1]]))
        after.gives(
            step(x, h, *own),
            *(x, h, *own),
            names=["step_after"],
            mistakes={
                "the reset gate acts before the product here: it belongs after it": (
                    step(x, h, *own, inside=before_product)
                ),
                "the reset gate must reach the candidate's second bias, too": (
                    step(x, h, *own, inside=lambda from_x, h, W, b, r: from_x + r * (h @ W) + b)
                ),
                "the recurrent bias b_h[1] is forgotten": step(x, h, W_xh, W_hh, first),
                "the input's bias b_h[0] is forgotten": step(x, h, W_xh, W_hh, second),
                "the rows of b_h are swapped: row 0 joins the input": (
                    step(x, h, W_xh, W_hh, b_h[::-1])
                ),
                **common_mistakes(x, h, own, after_product),
            },
        )
        own = (W_xh, W_hh, first)
        before.gives(
            step(x, h, *own, inside=before_product),
            *(x, h, W_xh, W_hh, b_h[0]),
            names=["step_before"],
            mistakes={
                "the reset gate acts after the product here: it belongs before it": (
                    step(x, h, *own)
                ),
                **common_mistakes(x, h, own, before_product),
            },
        )


BLOCKS = {"RNN": 1, "GRU": 3, "GRU before": 3, "LSTM": 4}


def size(cell, features, units):
    """The number of parameters of a recurrent layer."""
    second_bias = 3 * units if cell == "GRU" else 0
    return BLOCKS[cell] * units * (features + units + 1) + second_bias


@exercise(
    "06.2",
    "Per block units * (features + units + 1). How many blocks has each cell?",
    "The default GRU has 3 * units more, its second bias row.",
    "For the second function try 1, 2, 3, ... units until the next one would be too large.",
)
def sizes(count_parameters, largest_units, rng):
    """The number of parameters of four layers, and the largest layer for a budget."""
    for cell, blocks in BLOCKS.items():
        features, units = int(rng.integers(2, 4)), int(rng.integers(9, 15))
        right = size(cell, features, units)
        mistakes = {
            "the recurrent weights are forgotten": right - blocks * units**2,
            "the input weights are forgotten": right - blocks * units * features,
            "the biases are forgotten": blocks * units * (features + units),
            "one block is missing, or one too many: how many gates are there, and what else?": (
                right - units * (features + units + 1)
            ),
            "one block too many: the cell state is no block, and neither is the hidden state": (
                right + units * (features + units + 1)
            ),
        }
        if cell == "GRU":
            mistakes["the second bias row of the default GRU is forgotten"] = right - 3 * units
            mistakes["the second bias row is for all three blocks in the default GRU"] = (
                right - 2 * units
            )
        else:
            mistakes["only the default GRU has two bias rows"] = right + blocks * units
        count_parameters.gives(
            right,
            *(cell, features, units),
            names=[f"count_parameters({cell!r}, {features}, {units})"],
            mistakes=mistakes,
        )

    for cell in BLOCKS:
        # A layer fits exactly, fails by one, has one to spare; a single unit fits.
        for spare, low in [(0, 8), (-1, 12), (1, 20), (0, 1)]:
            features, units = int(rng.integers(1, 6)), int(rng.integers(low, 2 * low))
            budget = size(cell, features, units) + spare
            right = units - (spare == -1)
            call = f"largest_units({cell!r}, {features}, {budget})"
            result = as_array(largest_units(cell, features, budget), call)
            if result.shape != () or result % 1:
                raise NotYet(f"{call} must be one whole number of units, got {result}")
            has = size(cell, features, int(result))
            if result > right:
                raise NotYet(f"{call} is too large: {result} units have {has} parameters")
            if result < right:
                raise NotYet(f"{call} is too small: {result} units have only {has} parameters")


def states(x, W_xh, W_hh, b_h):
    """All states of a GRU on x (time, features)."""
    h, path = np.zeros(len(W_hh)), []
    for x_t in x:
        h = step(x_t, h, W_xh, W_hh, b_h)
        path.append(h)
    return np.array(path)


UPDATE_BIAS = np.array([[1, 0, 0], [0, 0, 0]])  # where the bias of the update gate stands


def leaky(x, z):
    """All states of a unit that keeps z and takes in 1 - z of the tanh of x."""
    return states(x, np.array([[0, 0, 1]]), np.zeros((1, 3)), np.log(z / (1 - z)) * UPDATE_BIAS)


@exercise(
    "06.3",
    "Compare with h_t = z h_{t-1} + (1 - z) candidate: what must z be, and what the candidate?",
    "The candidate is tanh(x_t): nothing else may go into it. And z is always 1 - 1 / steps.",
    "No input and no state may reach z, so its bias does it all: sigmoid(b) = 1 - 1 / steps.",
    "sigmoid(ln u) = u / (1 + u). For which u is that 1 - 1 / steps?",
)
def leaky_average(answer, rng):
    """Weights, chosen by hand, of a GRU unit that averages over the last steps."""
    for low, high in [(4, 9), (15, 30), (50, 90)]:
        steps = int(rng.integers(low, high))
        result = answer(steps)
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            raise NotYet("three arrays are asked for: W_xh, W_hh and b_h")
        own = [as_array(part, name) for part, name in zip(result, ("W_xh", "W_hh", "b_h"))]
        for part, name, shape in zip(own, ("W_xh", "W_hh", "b_h"), [(1, 3), (1, 3), (2, 3)]):
            if part.shape != shape:
                raise NotYet(f"{name} must have shape {shape}, got {part.shape}")
        W_xh, W_hh, b_h = own
        x = rng.uniform(-1, 1, size=(40, 1))
        z = 1 - 1 / steps
        mistakes = {
            "z and 1 - z are swapped: your unit keeps only a small share of its state": 1 - z,
            "the two rows of b_h are added: together they open the gate too far": (
                logistic(2 * np.log(steps - 1))
            ),
            "the bias ln(steps) makes a gate of steps / (steps + 1): a little too much": (
                steps / (steps + 1)
            ),
            "this bias is the value of the gate: which bias makes a gate of that value?": (
                logistic(z)
            ),
            "your update gate is at one half: its bias stands in the first column": 0.5,
            "after so many steps half of the state is left: it is 1 / steps that each step "
            "replaces": 0.5 ** (1 / steps),
            "this gate is exp(-1 / steps), which is close: it is to be 1 - 1 / steps": (
                np.exp(-1 / steps)
            ),
        }
        path = states(x, *own)
        if not path.any():
            raise NotYet("the state stays at 0: how does the input reach the candidate?")
        if equal(path, leaky(x, z)):
            continue
        for sentence, other in mistakes.items():
            if equal(path, leaky(x, other)):
                raise NotYet(sentence)
        silent = {
            "the input reaches the update gate: this gate is to stay the same": W_xh[:, 0],
            "the old state reaches the update gate: this gate is to stay the same": W_hh[:, 0],
            "the old state reaches the candidate: it is to be the tanh of the input alone": (
                W_hh[:, 2]
            ),
            "the candidate has a bias: it is to be the tanh of the input alone": b_h[:, 2],
            "the input reaches the candidate with another weight than 1": W_xh[:, 2] - 1,
        }
        for sentence, part in silent.items():
            if part.any():
                raise NotYet(sentence)
        raise NotYet(
            f"for {steps} steps your unit keeps {logistic(b_h[:, 0].sum()):.4g} of its state at "
            f"each step, but should keep {z:.4g}"
        )


def from_chung(paper, signs=(-1, 1, 1), order=("_z", "_r", ""), turn=np.transpose):
    """W_xh, W_hh and b_h for Keras; other arguments are mistakes."""
    W_xh, W_hh, b_h = (
        [sign * paper[kind + name] for sign, name in zip(signs, order)] for kind in "WUb"
    )
    return np.vstack(W_xh).T, np.hstack([turn(U) for U in W_hh]), np.hstack(b_h)


@exercise(
    "06.4",
    "In the paper matrices stand left of the vectors, here right: each one must be transposed.",
    "Join z, r and the candidate, in this order, with np.hstack.",
    "1 - sigmoid(a) = sigmoid(-a): change the sign of all that goes into the update gate.",
)
def keras_weights(answer, rng):
    """The weights of a GRU from the paper of Chung and coauthors, for Keras."""
    for features, units in [(3, 4), (1, 2), (5, 3)]:
        shapes = {"W": (units, features), "U": (units, units), "b": (units,)}
        paper = {
            kind + name: floatX(rng.normal(size=shape))
            for name in ("_z", "_r", "")
            for kind, shape in shapes.items()
        }
        W_xh, W_hh, b_h = right = from_chung(paper)
        W_plus, U_plus, b_plus = same_signs = from_chung(paper, signs=(1, 1, 1))
        one_minus = {name: 1 - part if "_z" in name else part for name, part in paper.items()}
        r_first = ("_r", "_z", "")
        answer.gives(
            right,
            paper,
            names=["W_xh", "W_hh", "b_h"],
            mistakes={
                "in the paper z lets the new state in, here it keeps the old one: convert that": (
                    same_signs
                ),
                "the bias of the update gate must change its sign, too": (W_xh, W_hh, b_plus),
                "only the bias of the update gate has another sign: its weights go into it, too": (
                    (W_plus, U_plus, b_h)
                ),
                "U_z must change its sign, too": (W_xh, U_plus, b_h),
                "W_z must change its sign, too": (W_plus, W_hh, b_h),
                "you change the sign of everything: only the update gate is turned round": (
                    from_chung(paper, signs=(-1, -1, -1))
                ),
                "you change the sign of both gates: the reset gate means the same in both": (
                    from_chung(paper, signs=(-1, -1, 1))
                ),
                "you change the sign of the reset gate: it is the update gate that is turned "
                "round": from_chung(paper, signs=(1, -1, 1)),
                "1 - z is not made from 1 - W_z: what is 1 - sigmoid(a)?": (
                    from_chung(one_minus, signs=(1, 1, 1))
                ),
                "z and r are swapped: Keras's order is z, r, candidate": (
                    from_chung(paper, signs=(1, -1, 1), order=r_first)
                ),
                "the order is z, r, candidate; and you change the sign of the reset gate": (
                    from_chung(paper, order=r_first)
                ),
                "the candidate stands first: Keras's order is z, r, candidate": (
                    from_chung(paper, signs=(1, -1, 1), order=("", "_z", "_r"))
                ),
                "the U are not transposed (square as they are, nothing else tells you)": (
                    from_chung(paper, turn=np.asarray)
                ),
            },
        )


TORCH = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def to_torch(W_xh, W_hh, b_h, order=(1, 0, 2), bias_order=None):
    """The four arrays of PyTorch; another order is a mistake."""

    def reorder(a, order):
        parts = np.split(a, 3, axis=-1)
        return np.concatenate([parts[k] for k in order], axis=-1)

    rows = reorder(b_h, bias_order or order)
    return reorder(W_xh, order).T, reorder(W_hh, order).T, rows[0], rows[1]


def what_counts(weight_ih, weight_hh, bias_ih, bias_hh):
    """For r and z only the sum of the two biases counts, for n each of them."""
    gates = 2 * len(bias_ih) // 3
    both = (bias_ih + bias_hh)[:gates]
    return weight_ih, weight_hh, both, bias_ih[gates:], bias_hh[gates:]


@exercise(
    "06.5",
    "Both let z keep the old state and reset after the product, so no sign changes. What differs "
    "is the order of the blocks, and that PyTorch multiplies from the left.",
    "Reorder the columns first: `z, r, n = np.split(W_xh, 3, axis=1)`, then "
    "`np.hstack([r, z, n]).T`.",
    "The rows of b_h are reordered in the same way: row 0 is bias_ih_l0, row 1 bias_hh_l0.",
)
def torch_weights(answer, rng):
    """The weights of a Keras GRU as PyTorch's state dict."""
    for features, units in [(3, 4), (1, 2), (5, 3)]:
        W_xh, W_hh, b_h = own = weights(rng, features, units)
        result = answer(*own)
        if not isinstance(result, dict):
            raise NotYet(f"a dict of four arrays is asked for, got {type(result).__name__}")
        right, got = to_torch(*own), []
        for name, expected in zip(TORCH, right):
            if name not in result:
                raise NotYet(f"your dict has no {name!r}, only {', '.join(map(str, result))}")
            got.append(as_array(result[name], name))
            if got[-1].shape != expected.shape:
                raise NotYet(f"{name} must have shape {expected.shape}, got {got[-1].shape}")
        weight_ih, weight_hh, bias_ih, bias_hh = right
        sign = np.repeat([-1, 1], [units, 2 * units])
        first, second = (floatX(row) * b_h for row in ([[1], [0]], [[0], [1]]))
        r, z, n = np.split(weight_hh, 3)
        wrong = {
            "your blocks are still in Keras's order z, r, candidate: PyTorch's is r, z, n": (
                to_torch(*own, order=(0, 1, 2))
            ),
            "the blocks of the biases are still in Keras's order": (
                to_torch(*own, bias_order=(0, 1, 2))
            ),
            "the blocks of the weights are still in Keras's order": (
                to_torch(*own, order=(0, 1, 2), bias_order=(1, 0, 2))
            ),
            "the candidate stands first: PyTorch's order is r, z, n": (
                to_torch(*own, order=(2, 1, 0))
            ),
            "the candidate stands between the gates: PyTorch's order is r, z, n": (
                to_torch(*own, order=(1, 2, 0))
            ),
            "the blocks of weight_hh_l0 are not transposed": (
                (weight_ih, np.concatenate([r.T, z.T, n.T]), bias_ih, bias_hh)
            ),
            "reshape mixes the numbers up: transpose instead": (
                (W_xh.reshape(3 * units, -1), W_hh.reshape(3 * units, -1), bias_ih, bias_hh)
            ),
            "the two biases are swapped: row 0 of b_h joins the input": (
                (weight_ih, weight_hh, bias_hh, bias_ih)
            ),
            "the recurrent bias is forgotten": to_torch(W_xh, W_hh, first),
            "the input's bias is forgotten": to_torch(W_xh, W_hh, second),
            "the two biases may not be added: in the candidate the reset gate stands between "
            "them": (weight_ih, weight_hh, bias_ih + bias_hh, 0 * bias_hh),
            "you give both biases the sum of the two": (
                (weight_ih, weight_hh, bias_ih + bias_hh, bias_ih + bias_hh)
            ),
            "you change the sign of z: it keeps the old state in PyTorch as well": (
                to_torch(sign * W_xh, sign * W_hh, sign * b_h)
            ),
        }
        compare(
            what_counts(*got),
            what_counts(*right),
            names=[
                *TORCH[:2],
                "the sum of the biases of r and z",
                *(f"{b} of n" for b in TORCH[2:]),
            ],
            mistakes={sentence: what_counts(*arrays) for sentence, arrays in wrong.items()},
        )


@exercise(
    "06.6",
    "Choose a task that one of your cells should find hard, and largest_units for the layers.",
    "Each call of contest gives the number of parameters and the list of scores of one cell.",
    "Two dicts with the same names, one of the parameters and one of the scores; the winner has "
    "the smaller median score.",
)
def own_contest(report, rng):
    """Scores of at least two cells with about as many parameters."""
    keys = ("prediction", "task", "parameters", "scores", "winner", "conclusion")
    prediction, task, parameters, scores, best, conclusion = entries(report, *keys)
    words(prediction, "the prediction", 5)
    words(task, "the task", 1)
    scores = lists(scores, "scores", 2)
    if not isinstance(parameters, dict) or set(parameters) != set(scores):
        raise NotYet("the cells under 'parameters' and under 'scores' must have the same names")
    sizes = numbers(list(parameters.values()), "the list of parameters", 2)
    if (sizes < 1).any() or (sizes % 1).any():
        raise NotYet("a number of parameters is a whole number above 0")
    if sizes.max() > 1.25 * sizes.min():
        raise NotYet(
            f"between {sizes.min():.0f} and {sizes.max():.0f} parameters: that is no fair contest, "
            "use largest_units"
        )
    if len(np.unique(np.concatenate(list(scores.values())))) < 2:
        raise NotYet("all scores are equal: choose a task or a budget that tells the cells apart")
    winner(best, scores)
    words(conclusion, "the conclusion", 10)
