"""Synthetic tasks: what they ask, how they judge, and how low their losses can get."""

import math
import random
import re

import numpy as np
import pytest

from course_lib import tasks
from course_lib.tasks import (
    Adding,
    AnBn,
    ContinualReber,
    CopyMemory,
    EmbeddedReber,
    Latch,
    Reber,
    TemporalOrder,
)

TASKS = [
    Adding(20),
    CopyMemory(15),
    TemporalOrder(20),
    Latch(12),
    Reber(),
    EmbeddedReber(),
    EmbeddedReber(inner=3),
    ContinualReber(40),
    AnBn(6),
    AnBn(9, shortest=4),
]
MEMORY = TASKS[:4]
GRAMMARS = TASKS[4:]
every_task = pytest.mark.parametrize("task", TASKS, ids=repr)
every_memory = pytest.mark.parametrize("task", MEMORY, ids=repr)
every_grammar = pytest.mark.parametrize("task", GRAMMARS, ids=repr)


def oracle(task, X, y):
    """What a perfect model would answer."""
    if task.loss == "mse":
        return y
    if task in GRAMMARS:
        return task.legal(X) / 2
    return np.eye(task.outputs)[y]


def one_hot(text, symbols):
    return np.eye(len(symbols))[[symbols.index(s) for s in text]][None]


def predicted(X):
    """The steps that are not padding."""
    return X.any(axis=-1)


# --- all tasks ----------------------------------------------------------------------------


@every_task
def test_a_sample_has_the_shapes_that_the_task_promises(task):
    X, y = task.sample(7)
    assert X.ndim == 3 and len(X) == 7 and X.shape[2] == task.features
    if task.loss == "mse":
        assert y.shape == (7, task.outputs)
    else:
        assert y.shape == (X.shape[:2] if task.every_step else (7,))
        assert y.dtype.kind == "i" and y.min() >= 0 and y.max() < task.outputs


@every_task
def test_a_seed_decides_the_sample(task):
    X, y = task.sample(20, seed=3)
    again_X, again_y = task.sample(20, seed=3)
    other = task.sample(20, seed=4)[0]
    assert np.array_equal(X, again_X) and np.array_equal(y, again_y)
    assert X.shape != other.shape or not np.array_equal(X, other)


@every_task
def test_a_perfect_oracle_is_always_right(task):
    X, y = task.sample(300)
    prediction = oracle(task, X, y)
    assert task.correct(X, y, prediction).shape == (300,)
    assert task.success_rate(X, y, prediction) == 1.0
    assert task.solved(X, y, prediction) is True


@every_task
def test_a_sample_with_one_wrong_answer_is_the_only_wrong_one(task):
    X, y = task.sample(5)
    prediction = np.array(oracle(task, X, y), dtype=float)
    # The last answer of sample 2 that counts, moved or passed on to the next class.
    answer = (2, predicted(X)[2].nonzero()[0][-1]) if task.every_step else (2,)
    prediction[answer] = np.roll(prediction[answer], 1) + 0.05
    assert list(task.correct(X, y, prediction)) == [True, True, False, True, True]
    assert task.success_rate(X, y, prediction) == 0.8
    assert task.solved(X, y, prediction) is False


@every_task
def test_an_answer_that_is_the_same_for_all_outputs_is_not_right(task):
    X, y = task.sample(50)
    flat = np.full(oracle(task, X, y).shape, -1.0)
    assert not task.correct(X, y, flat).any()


@every_task
def test_nan_is_never_right(task):
    X, y = task.sample(50)
    assert not task.correct(X, y, np.full(oracle(task, X, y).shape, np.nan)).any()


@pytest.mark.parametrize("task", TASKS[1:], ids=repr)
def test_logits_are_judged_like_probabilities(task):
    X, y = task.sample(50)
    assert task.correct(X, y, 30 * oracle(task, X, y) - 100).all()


def test_the_threshold_itself_is_reached():
    task = Latch(2)
    X, y = task.sample(100)
    prediction = np.eye(2)[y]
    prediction[0] = prediction[0, ::-1]
    assert task.success_rate(X, y, prediction) == task.threshold == 0.99
    assert task.solved(X, y, prediction)


@every_task
def test_a_prediction_of_another_shape_is_refused_with_both_shapes(task):
    X, y = task.sample(6)
    right = oracle(task, X, y)
    for wrong in (right[:-1], right[..., 0], right[None]):
        message = f"prediction must have the shape {right.shape} .* got {wrong.shape}"
        with pytest.raises(ValueError, match=message.translate({40: r"\(", 41: r"\)"})):
            task.correct(X, y, wrong)


@every_task
def test_answers_that_do_not_belong_to_x_are_refused(task):
    X, y = task.sample(6)
    with pytest.raises(ValueError, match="y must have the shape"):
        task.correct(X, y[:-1], oracle(task, X, y))


@every_task
def test_an_x_of_another_task_is_refused(task):
    X, y = task.sample(6)
    with pytest.raises(ValueError, match=f"X must have the shape .*{task.features}.* got"):
        task.correct(X[..., 1:], y, oracle(task, X, y))


@every_task
def test_a_best_answer_is_better_than_the_baseline(task):
    assert 0 <= task.optimum < task.baseline_loss


@pytest.mark.parametrize(
    "task, text",
    [
        (Latch(lag=50), "Latch(lag=50)"),
        (Reber(), "Reber()"),
        (EmbeddedReber(), "EmbeddedReber(inner=1)"),
        (AnBn(10), "AnBn(longest=10, shortest=1)"),
    ],
)
def test_a_task_shows_how_it_was_made(task, text):
    assert repr(task) == text


BAD = {
    "Adding(1)": (lambda: Adding(1), "length must be .* at least 2, got 1"),
    "Adding(10.0)": (lambda: Adding(10.0), "length must be a whole number .* got 10.0"),
    "CopyMemory(0)": (lambda: CopyMemory(0), "lag must be .* at least 1, got 0"),
    "TemporalOrder(9)": (lambda: TemporalOrder(9), "length must be .* at least 10, got 9"),
    "Latch(0)": (lambda: Latch(0), "lag must be .* at least 1, got 0"),
    "Latch(True)": (lambda: Latch(True), "lag must be .* got True"),
    "EmbeddedReber(0)": (lambda: EmbeddedReber(0), "inner must be .* at least 1, got 0"),
    "ContinualReber(0)": (lambda: ContinualReber(0), "length must be .* at least 1, got 0"),
    "AnBn(0)": (lambda: AnBn(0), "longest must be .* at least 1, got 0"),
    "AnBn(3, 4)": (lambda: AnBn(3, 4), "longest must be .* at least 4, got 3"),
    "AnBn(3, 0)": (lambda: AnBn(3, 0), "shortest must be .* at least 1, got 0"),
    "no samples": (lambda: Latch(2).sample(0), "num_samples must be .* at least 1, got 0"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_argument_is_named_with_what_is_allowed(what):
    call, message = BAD[what]
    with pytest.raises(ValueError, match=message):
        call()


def test_the_functions_are_reached_through_the_package():
    assert tasks.sine_wave(5, 2)[0].shape == tasks.parity(5, 2)[0].shape == (2, 5, 1)


# --- adding -------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [2, 3, 11, 30])
def test_adding_marks_one_step_in_each_half(length):
    marks = Adding(length).sample(500)[0][..., 1]
    assert set(np.unique(marks)) <= {0, 1}
    half = length // 2
    assert (marks[:, :half].sum(axis=1) == 1).all() and (marks[:, half:].sum(axis=1) == 1).all()
    assert marks.any(axis=0).all(), "each step is marked at times"


def test_adding_asks_for_the_sum_of_the_marked_numbers():
    X, y = Adding(9).sample(100)
    for (values, marks), total in zip(X.transpose(0, 2, 1), y):
        assert values[marks == 1].sum() == pytest.approx(total[0])


def test_adding_draws_numbers_between_0_and_1():
    values = Adding(50).sample(500)[0][..., 0]
    assert 0 <= values.min() < 0.001 and 0.999 < values.max() <= 1
    assert values.var() == pytest.approx(1 / 12, abs=0.003)


def test_adding_always_answering_one_has_the_baseline_loss():
    y = Adding(5).sample(40_000)[1]
    assert ((y - 1) ** 2).mean() == pytest.approx(Adding(5).baseline_loss, rel=0.03)
    assert ((y - 1) ** 2).mean() == pytest.approx(y.var(), rel=0.01), "no constant is better"


@pytest.mark.parametrize("error, right", [(0.039, True), (-0.039, True), (0.041, False)])
def test_adding_allows_errors_up_to_004(error, right):
    X, y = Adding(5).sample(20)
    assert (Adding(5).correct(X, y, y + error) == right).all()


# --- copy memory --------------------------------------------------------------------------


@pytest.mark.parametrize("lag", [1, 2, 30])
def test_copy_memory_shows_symbols_blanks_and_a_delimiter(lag):
    X, y = CopyMemory(lag).sample(100)
    assert X.shape == (100, lag + 20, 10) and (X.sum(axis=2) == 1).all()
    seen = X.argmax(axis=2)
    assert seen[:, :10].max() == 7 and seen[:, :10].min() == 0
    assert (seen[:, 10 : lag + 9] == 8).all()
    assert (seen[:, lag + 9] == 9).all()
    assert (seen[:, lag + 10 :] == 8).all()


def test_copy_memory_asks_for_blanks_and_then_for_the_symbols_in_order():
    X, y = CopyMemory(30).sample(100)
    assert (y[:, :-10] == 8).all()
    assert np.array_equal(y[:, -10:], X[:, :10].argmax(axis=2))


def test_copy_memory_without_memory_has_the_baseline_loss():
    task = CopyMemory(30)
    y = task.sample(2000)[1]
    # Certain of the blanks, and equally undecided between the eight symbols.
    p = np.zeros((50, 9))
    p[:40, 8], p[40:, :8] = 1, 1 / 8
    losses = -np.log(p[np.arange(50), y])
    assert losses.mean() == pytest.approx(task.baseline_loss)
    assert np.bincount(y[:, -10:].ravel(), minlength=8) / y[:, -10:].size == pytest.approx(
        np.full(8, 1 / 8), abs=0.01
    )


def test_copy_memory_judges_only_the_recalled_symbols():
    task = CopyMemory(5)
    X, y = task.sample(10)
    prediction = np.eye(9)[y]
    prediction[:, :-10] = 0
    assert task.correct(X, y, prediction).all()
    prediction[:, -10] = 0
    assert not task.correct(X, y, prediction).any()


# --- temporal order and latch -------------------------------------------------------------


@pytest.mark.parametrize(
    "length, first, second",
    [
        (10, (1, 2), (4, 5)),
        (100, (10, 20), (40, 50)),
        (14, (2, 2), (6, 7)),
        (59, (6, 11), (24, 29)),
    ],
)
def test_temporal_order_has_its_symbols_in_the_second_and_the_fifth_tenth(length, first, second):
    X = TemporalOrder(length).sample(1000)[0]
    relevant = X[..., :2].any(axis=2)
    assert (relevant.sum(axis=1) == 2).all()
    where = np.argwhere(relevant)[:, 1].reshape(-1, 2)
    for steps, (low, high) in zip(where.T, (first, second)):
        assert set(steps) == set(range(low, high + 1))


def test_temporal_order_asks_for_both_symbols_in_order():
    X, y = TemporalOrder(30).sample(200)
    for x, answer in zip(X, y):
        symbols = "".join("XY"[i] for i in x.argmax(axis=1) if i < 2)
        assert ["XX", "XY", "YX", "YY"][answer] == symbols


def test_latch_asks_for_the_first_symbol():
    X, y = Latch(9).sample(200)
    assert X.shape == (200, 10, 6) and (X.sum(axis=2) == 1).all()
    assert np.array_equal(X[:, 0].argmax(axis=1), y)
    assert set(X[:, 1:].argmax(axis=2).ravel()) == {2, 3, 4, 5}, "the rest are distractors"


@pytest.mark.parametrize("task", [TemporalOrder(10), Latch(1)], ids=repr)
def test_all_classes_are_equally_likely_so_a_guess_has_the_baseline_loss(task):
    y = task.sample(20_000)[1]
    share = np.bincount(y) / len(y)
    assert share == pytest.approx(np.full(task.outputs, 1 / task.outputs), abs=0.015)
    assert -np.log(share[y]).mean() == pytest.approx(task.baseline_loss, abs=0.001)


# --- grammars -----------------------------------------------------------------------------

# The grammar a second time, as a regular expression. What follows once the T's begin:
FROM_TS = "T*V(?:PXT*V)*(?:V|PS)"
REBER = rf"B(?:TS*X(?:S|X{FROM_TS})|P{FROM_TS})E"


def whole_strings(task, n=500):
    X, y = task.sample(n)
    last = [task.symbols[row[steps][-1]] for row, steps in zip(y, predicted(X))]
    return [text + end for text, end in zip(task.text(X), last)]


@pytest.mark.parametrize(
    "task, pattern",
    [
        (Reber(), REBER),
        (EmbeddedReber(), rf"B(?:T{REBER}T|P{REBER}P)E"),
        (EmbeddedReber(inner=3), rf"B(?:T(?:{REBER}){{3}}T|P(?:{REBER}){{3}}P)E"),
        (AnBn(6), r"S(?:ab|aabb|aaabbb|aaaabbbb|aaaaabbbbb|aaaaaabbbbbb)T"),
        (AnBn(5, shortest=5), r"SaaaaabbbbbT"),
    ],
    ids=repr,
)
def test_all_strings_are_of_the_grammar(task, pattern):
    assert all(re.fullmatch(pattern, string) for string in whole_strings(task))


@pytest.mark.parametrize("string", ["BTSSXXTVVE", "BPVVE", "BTXXVPSE", "BPVPXVPXVPXVVE"])
def test_textbook_strings_are_of_rebers_grammar(string):
    legal = Reber().legal(one_hot(string[:-1], "BTSXPVE"))[0]
    assert all(legal[t, "BTSXPVE".index(s)] for t, s in enumerate(string[1:]))


@pytest.mark.parametrize("string", ["BTSSPXS", "BPTVVB", "BTXXVVS", "BPVSPS", "BTSSS" + "E", "TS"])
def test_strings_that_are_not_of_rebers_grammar_are_refused(string):
    with pytest.raises(ValueError, match="got '.' at time step . of sample 0, where"):
        Reber().legal(one_hot(string, "BTSXPVE"))


def test_the_symbol_that_is_not_allowed_is_named():
    with pytest.raises(ValueError, match="got 'P' at time step 4 of sample 0"):
        Reber().legal(one_hot("BTSSPXS", "BTSXPVE"))


def test_a_continual_stream_is_whole_strings_one_after_the_other():
    task = ContinualReber(300)
    X, y = task.sample(20)
    assert X.shape == (20, 300, 7) and predicted(X).all()
    strings = rf"(?:B(?:T{REBER}T|P{REBER}P)E)*"
    for text in task.text(X):
        assert re.match(strings, text).end() > 200  # the rest is the string that is cut


HAND_CHECKED = [
    (Reber(), "BTSXXTVV", "TP SX SX XS TV TV PV E"),
    (Reber(), "BPTVPXVV", "TP TV TV PV XS TV PV E"),
    (Reber(), "BTXS", "TP SX XS E"),
    (EmbeddedReber(), "BTBTXSET", "TP B TP SX XS E T E"),
    (EmbeddedReber(), "BPBTXSEP", "TP B TP SX XS E P E"),
    (EmbeddedReber(inner=2), "BPBTXSEBPVVEP", "TP B TP SX XS E B TP TV PV E P E"),
    (ContinualReber(13), "BTBTXSETEBPBP", "TP B TP SX XS E T E B TP B TP TV"),
    (AnBn(3), "Saaabbb", "a ab ab ab b b T"),
    (AnBn(3), "Sab", "a ab T"),
]


@pytest.mark.parametrize("task, text, expected", HAND_CHECKED, ids=repr)
def test_legal_successors_of_a_string_checked_by_hand(task, text, expected):
    legal = task.legal(one_hot(text, task.symbols))[0]
    found = ["".join(s for s, may in zip(task.symbols, row) if may) for row in legal]
    assert [set(symbols) for symbols in found] == [set(symbols) for symbols in expected.split()]


@every_grammar
def test_the_next_symbol_is_always_a_legal_one(task):
    X, y = task.sample(300)
    chosen = np.take_along_axis(task.legal(X), y[..., None], axis=2)[..., 0]
    assert np.array_equal(chosen, predicted(X))


@every_grammar
def test_y_is_x_one_step_later(task):
    X, y = task.sample(300)
    later = predicted(X)[:, 1:]
    assert np.array_equal(X[:, 1:].argmax(axis=2)[later], y[:, :-1][later])


@every_grammar
def test_after_the_end_there_is_only_padding_and_nothing_is_legal(task):
    X, y = task.sample(300)
    padding = ~predicted(X)
    assert (np.diff(padding.astype(int), axis=1) >= 0).all()
    assert not task.legal(X)[padding].any()
    assert (y[padding] == 0).all()


@every_grammar
def test_what_is_predicted_at_padding_does_not_count(task):
    X, y = task.sample(100)
    prediction = np.where(predicted(X)[..., None], task.legal(X), 7.5)
    assert task.correct(X, y, prediction).all()


@pytest.mark.parametrize("task", [Reber(), EmbeddedReber()], ids=repr)
def test_one_legal_successor_weaker_than_an_illegal_symbol_is_wrong(task):
    X, y = task.sample(1)
    prediction = np.where(task.legal(X), 0.4, 0.1)
    first_of_two = np.argwhere(task.legal(X)[0].sum(axis=1) == 2)[0, 0]
    prediction[0, first_of_two, task.legal(X)[0, first_of_two].argmax()] = 0.05
    assert not task.correct(X, y, prediction).any()


def test_both_legal_successors_are_equally_likely():
    X, y = Reber().sample(5000)
    legal = Reber().legal(X)
    two = legal.sum(axis=2) == 2
    assert (legal.argmax(axis=2) == y)[two].mean() == pytest.approx(0.5, abs=0.01)


def simple_reber(rng):
    """One Reber string and the number of choices in it, written a second time, plainly."""
    edges = {
        "1": [("T", "2"), ("P", "3")],
        "2": [("S", "2"), ("X", "4")],
        "3": [("T", "3"), ("V", "5")],
        "4": [("X", "3"), ("S", "")],
        "5": [("P", "4"), ("V", "")],
    }
    string, state = "B", "1"
    while state:
        symbol, state = rng.choice(edges[state])
        string += symbol
    return string + "E", len(string) - 1


@pytest.mark.parametrize("inner", [0, 1, 4])
def test_the_optimum_is_the_loss_of_the_true_probabilities(inner):
    rng = random.Random(1)
    losses = predictions = 0
    for _ in range(20_000):
        parts = [simple_reber(rng) for _ in range(max(inner, 1))]
        # An embedded string has four more symbols, and the choice between T and P.
        losses += (sum(choices for _, choices in parts) + (inner > 0)) * math.log(2)
        predictions += sum(len(string) for string, _ in parts) - 1 + 4 * (inner > 0)
    task = EmbeddedReber(inner) if inner else Reber()
    assert losses / predictions == pytest.approx(task.optimum, rel=0.005)


@every_grammar
def test_the_optimum_of_a_grammar_is_reached_on_its_own_sample(task):
    if isinstance(task, ContinualReber):
        task = ContinualReber(2000)  # the definition is that of a long stream
    X, y = task.sample(20_000 if not isinstance(task, ContinualReber) else 100)
    if isinstance(task, AnBn):
        p = probabilities_of_anbn(task, X)
    else:
        p = task.legal(X) / np.maximum(task.legal(X).sum(axis=2, keepdims=True), 1)
    chosen = np.take_along_axis(p, y[..., None], axis=2)[..., 0]
    assert -np.log(chosen[predicted(X)]).mean() == pytest.approx(task.optimum, rel=0.01)


def probabilities_of_anbn(task, X):
    """Of the lengths that are still possible after i a's, one stops here: p(b) = 1 / left."""
    p = task.legal(X).astype(float)
    read = X[..., 1].cumsum(axis=1)
    left = task.longest - np.maximum(read, task.shortest) + 1
    reading = X[..., 1] == 1
    p[..., 2][reading] = np.where(read >= task.shortest, 1 / left, 0)[reading]
    p[..., 1][reading] = 1 - p[..., 2][reading]
    return p


@every_grammar
def test_the_baseline_is_the_loss_of_the_best_constant_answer(task):
    if isinstance(task, ContinualReber):
        task = ContinualReber(2000)
    X, y = task.sample(20_000 if not isinstance(task, ContinualReber) else 100)
    answers = y[predicted(X)]
    share = np.bincount(answers, minlength=task.outputs) / len(answers)
    assert -np.log(share[answers]).mean() == pytest.approx(task.baseline_loss, rel=0.005)


@pytest.mark.parametrize(
    "task, exact",
    [
        (Reber(), 6 / 7 * math.log(2)),
        (EmbeddedReber(), 7 / 11 * math.log(2)),
        (EmbeddedReber(inner=5), 31 / 43 * math.log(2)),
        (ContinualReber(100), 7 / 12 * math.log(2)),
        (AnBn(10), math.log(10) / 12),
        (AnBn(4, shortest=4), 0.0),
    ],
    ids=repr,
)
def test_the_optimum_is_exact(task, exact):
    assert task.optimum == pytest.approx(exact, rel=1e-12)


def test_each_inner_string_makes_the_lag_at_least_five_steps_longer():
    lags = {inner: [len(s) - 4 for s in whole_strings(EmbeddedReber(inner))] for inner in (1, 2, 6)}
    for inner, lag in lags.items():
        assert min(lag) >= 5 * inner
        assert np.mean(lag) == pytest.approx(8 * inner, rel=0.08)
    assert min(lags[1]) == 5


def test_all_lengths_of_anbn_are_equally_likely():
    lengths = [text.count("a") for text in AnBn(7, shortest=3).text(AnBn(7, 3).sample(5000)[0])]
    assert np.bincount(lengths)[3:] / 5000 == pytest.approx(np.full(5, 1 / 5), abs=0.03)


def test_anbn_has_one_shape_for_all_samples():
    assert {AnBn(6).sample(1, seed)[0].shape for seed in range(20)} == {(1, 13, 4)}
