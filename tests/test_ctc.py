"""Connectionist temporal classification: against all alignments, one by one, and PyTorch.

PyTorch's figures were made by tests/reference/make_torch_ctc.py.
"""

from collections import defaultdict
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from course_lib import ctc
from course_lib.backend import T, function, set_random_seed, theano
from course_lib.gradients import numerical_gradient, relative_error
from course_lib.layers import GRU, Dense, Masking
from course_lib.losses import CTC
from course_lib.models import Sequential

TIME, CLASSES = 5, 3
LABELS = np.array([[1, 2, 0], [1, 1, 0], [2, 0, 0], [2, 1, 2]], dtype="int32")
LENGTHS = [5, 5, 3, 5]
MASK = np.arange(TIME) < np.array(LENGTHS)[:, None]


def probabilities(seed, *shape):
    return np.random.default_rng(seed).dirichlet(np.ones(CLASSES), size=shape)


def by_enumeration(p):
    """The probability of all labels that p (time, classes) can say: a dict from tuples."""
    found = defaultdict(float)
    for path in product(range(p.shape[1]), repeat=len(p)):
        found[tuple(ctc.collapse(path))] += np.prod(p[np.arange(len(p)), list(path)])
    return found


@pytest.fixture(scope="module")
def compiled():
    """(labels, log p, mask) to losses and the gradient of their sum with respect to log p."""
    with theano.config.change_flags(floatX="float64"):
        y, log_p, mask = T.imatrix(), T.tensor3(), T.matrix()
        loss = ctc.loss(y, log_p, mask)
        return function([y, log_p, mask], [loss, theano.grad(loss.sum(), log_p)])


def test_repeats_are_merged_and_blanks_dropped():
    assert ctc.collapse([0, 3, 3, 0, 3, 1]) == [3, 3, 1]
    assert ctc.collapse([0, 0]) == ctc.collapse([]) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_loss_sums_over_all_alignments(compiled, seed):
    p = probabilities(seed, 4, TIME)
    loss, _ = compiled(LABELS, np.log(p), MASK.astype(float))
    for i, length in enumerate(LENGTHS):
        labels = tuple(k for k in LABELS[i].tolist() if k)
        assert loss[i] == pytest.approx(-np.log(by_enumeration(p[i, :length])[labels]), abs=1e-12)


def test_its_gradient_is_that_of_central_differences_and_0_where_masked(compiled):
    log_p, mask = np.log(probabilities(0, 4, TIME)), MASK.astype(float)
    gradient = compiled(LABELS, log_p, mask)[1]
    expected = numerical_gradient(lambda x: compiled(LABELS, x, mask)[0].sum(), log_p)
    assert relative_error(gradient, expected) < 1e-7
    assert not gradient[~MASK].any()


def test_labels_that_do_not_fit_have_a_huge_loss_and_a_finite_gradient(compiled):
    loss, gradient = compiled(
        np.array([[1, 1, 1]], "int32"), np.log(probabilities(0, 1, 4)), np.ones((1, 4))
    )
    assert loss[0] > 1e20 and np.isfinite(gradient).all()


# --- PyTorch --------------------------------------------------------------------------------

TORCH = Path(__file__).parent / "reference" / "torch_ctc_reference.npz"
TORCH_CASES = ["one_label", "several_lengths", "repeats", "just_enough", "masked", "long"]
ROUNDING = {"float64": 1e-10, "float32": 2e-5}


@pytest.fixture(scope="module", params=ROUNDING)
def from_logits(request):
    """(labels, logits, mask, w) to losses and the gradient of their sum, weighted by w."""
    with theano.config.change_flags(floatX=request.param):
        y, logits, mask, w = T.imatrix(), T.tensor3(), T.matrix(), T.vector()
        loss = CTC(from_logits=True)(y, logits, mask)
        gradient = theano.grad((w * loss).sum(), logits)
        run = function([y, logits, mask, w], [loss, gradient])
        yield lambda *given: run(*(a.astype(v.dtype) for a, v in zip(given, (y, logits, mask, w))))


@pytest.fixture(params=TORCH_CASES)
def compared(request, from_logits):
    """PyTorch's figures of one case; our losses and gradients for the same logits."""
    with np.load(TORCH) as file:
        prefix = f"{request.param}/"
        torch = {n[len(prefix) :]: file[n] for n in file.files if n.startswith(prefix)}
    mask = np.arange(torch["logits"].shape[1]) < torch["lengths"][:, None]
    loss, gradient = from_logits(torch["y"], torch["logits"], mask, torch["w"])
    return torch, loss, gradient


def test_losses_agree_with_pytorch(compared):
    torch, loss, _ = compared
    tolerance = ROUNDING[str(loss.dtype)]
    np.testing.assert_allclose(loss, torch["loss"], rtol=tolerance, atol=0)


def test_gradients_of_logits_agree_with_pytorch(compared):
    torch, _, gradient = compared
    tolerance = ROUNDING[str(gradient.dtype)]
    np.testing.assert_allclose(gradient, torch["dlogits"], rtol=0, atol=tolerance)


# --- from probabilities to labels -----------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_a_wide_beam_finds_the_most_probable_labels(seed):
    p = probabilities(seed, TIME)
    every = by_enumeration(p)
    labels, log_p = ctc.beam_search(np.log(p), width=1000)
    assert tuple(labels) == max(every, key=every.get)
    assert log_p == pytest.approx(np.log(every[tuple(labels)]))


def test_the_best_path_is_not_always_the_best_labelling():
    """Graves et al. (2006): two steps that are blank with 0.6 and 1 with 0.4."""
    log_p = np.log([[0.6, 0.4], [0.6, 0.4]])
    assert ctc.best_path(log_p) == []
    assert ctc.beam_search(log_p)[0] == [1]


@pytest.mark.parametrize("given, distance", [("", 7), ("sitting", 0), ("kitten", 3), ("sit", 4)])
def test_edit_distance(given, distance):
    assert ctc.edit_distance(given, "sitting") == ctc.edit_distance("sitting", given) == distance


def test_label_error_rate_is_per_label():
    assert ctc.label_error_rate([[1, 2], [3]], [[1, 2, 3], [3]]) == 0.25


def test_label_error_rate_needs_labels():
    with pytest.raises(ValueError, match="no label is expected"):
        ctc.label_error_rate([[1]], [[]])


FOUR_STEPS = r"into 4 time steps: y\[0\] is .* and needs at least 5, one per label and one more"
BAD_LABELS = {
    "no labels": (
        [[1, 0], [0, 0]],
        r"sample 1 has no labels: y\[1\] is \[0, 0\], and every sample needs one or more",
    ),
    "gap": ([[0, 1], [1, 0]], "sample 0 has a label after a 0.* 0 only fills up the end"),
    "too long": ([[1, 2, 1, 2, 1]], FOUR_STEPS),
    "repeats too long": ([[1, 1, 1]], FOUR_STEPS),
    "no such label": ([[3, 1]], "whole numbers from 0 to 2"),
    "negative": ([[-1, 1]], "whole numbers from 0 to 2"),
}


@pytest.mark.parametrize("what", BAD_LABELS)
def test_labels_that_cannot_be_learned_are_refused(what):
    y, expected = BAD_LABELS[what]
    with pytest.raises(ValueError, match=expected):
        CTC().check(np.array(y), (len(y), 4, 3))


@pytest.mark.parametrize("y", [[1, 2, 1, 2], [1, 1, 2, 0]])
def test_labels_that_just_fit_are_allowed(y):
    assert CTC().check(np.array([y]), (1, 4, 3)).tolist() == [y]


@pytest.fixture(scope="module")
def masked_network():
    """A network that reads a second sequence of three steps, its fourth one masked."""
    model = Sequential([Masking(input_shape=(4, 1)), GRU(2, return_sequences=True), Dense(3)])
    model.compile("adam", CTC(from_logits=True))
    return model, np.array([[1, 1, 1, 1], [1, 1, 1, 0]])[..., None]


@pytest.mark.parametrize("what", ["fit", "evaluate"])
@pytest.mark.parametrize("labels", [[1, 2, 1, 2], [2, 1, 1, 0]])
def test_labels_that_do_not_fit_into_the_steps_that_count_are_refused(masked_network, what, labels):
    model, X = masked_network
    with pytest.raises(ValueError, match="sample 1 has more labels than fit into 3 time steps"):
        getattr(model, what)(X, np.array([[1, 2, 1, 2], labels]), verbose=0)


def test_labels_that_just_fit_into_the_steps_that_count_are_allowed(masked_network):
    model, X = masked_network
    assert model.evaluate(X, np.array([[1, 2, 1, 2], [1, 1, 0, 0]])) < 100


def test_a_network_without_sequences_is_refused():
    with pytest.raises(ValueError, match="return sequences"):
        CTC().check(np.array([[1, 2]]), (1, 3))


def test_a_network_learns_labels_without_their_times():
    """Three kinds of input, each for two steps, in any order; padding is masked."""
    set_random_seed(0)
    rng = np.random.default_rng(0)
    y = rng.integers(1, 4, size=(64, 3))
    X = np.zeros((64, 9, 3))
    X[:, 1:7] = np.eye(3)[np.repeat(y - 1, 2, axis=1)]
    X[:, 0] = 0.1
    layers = [Masking(input_shape=(9, 3)), GRU(16, return_sequences=True), Dense(4)]
    model = Sequential(layers)
    model.compile("adam", CTC(from_logits=True))
    model.optimizer.learning_rate = 0.02
    history = model.fit(X, y, epochs=25, verbose=0).history["loss"]
    assert history[-1] < 0.5 * history[0]
