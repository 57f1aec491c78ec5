"""Connected digits: the strings, the network that hears them, and its linear rivals."""

from types import SimpleNamespace

import numpy as np
import pytest

from course_lib import ctc, datasets, experiments
from course_lib.datasets.connected import separate_words
from course_lib.experiments import connected_digits as experiment
from course_lib.speech import log_mel, mfcc

# --- strings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("part", ["train", "test"])
def test_a_string_is_joined_from_words_of_its_voice(part, noise):
    words, said, voices = datasets.spoken_digits(part, noise)
    bytes_of = {(w.tobytes(), v): d for w, d, v in zip(words, said, voices)}
    strings, labels, names = separate_words(part, 20, noise=noise)
    X, joined_labels, _, joined_names = datasets.connected_digits(part, 20, noise=noise)
    assert labels == joined_labels and names.tolist() == joined_names.tolist()
    for x, string, digits, name in zip(X, strings, labels, names):
        assert [bytes_of[w.tobytes(), name] for w in string] == digits
        assert np.array_equal(x, np.concatenate(string))


def test_test_voices_are_not_heard_in_training():
    heard, unheard = (set(datasets.connected_digits(p, 400)[3]) for p in ("train", "test"))
    assert len(heard) == 30 and len(unheard) == 10 and not heard & unheard


def test_every_number_of_digits_and_every_digit_is_as_frequent():
    labels = datasets.connected_digits("train", 1000, digits=(2, 4))[1]
    lengths = np.bincount([len(digits) for digits in labels])
    assert lengths[:2].sum() == 0 and (abs(lengths[2:] - 1000 / 3) < 80).all()
    counts = np.bincount(np.concatenate(labels))
    assert (abs(counts - counts.mean()) < 80).all()


def test_frames_say_which_digit_is_being_said():
    X, labels, frames, _ = datasets.connected_digits("test", 30, digits=(3, 3))
    strings, *_ = separate_words("test", 30, digits=(3, 3))
    for x, digits, now, words in zip(X, labels, frames, strings):
        assert len(now) == len(x)
        ends = np.cumsum([len(word) for word in words])
        assert [int(now[end - 1]) for end in ends] == digits
        assert [int(now[start]) for start in (0, *ends[:-1])] == digits


def test_a_seed_decides_the_strings_and_noise_does_not_change_what_is_said():
    first, again, other = (datasets.connected_digits("train", 20, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first[0], again[0]))
    assert first[1] != other[1]
    noisy = datasets.connected_digits("train", 20, 3, noise=True)
    assert noisy[1] == first[1] and noisy[3].tolist() == first[3].tolist()
    assert all(len(a) > len(b) for a, b in zip(noisy[0], first[0]))


@pytest.mark.parametrize("digits", [(0, 3), (3, 2), (1, 21), (1, 2, 3), 3, (1.5, 2), "ab", None])
def test_impossible_numbers_of_digits_are_refused(digits):
    with pytest.raises(ValueError, match="1 <= fewest <= most <= 20, got"):
        datasets.connected_digits("test", 5, digits=digits)


def test_another_part_is_refused():
    with pytest.raises(ValueError, match="part must be 'train' or 'test', got 'all'"):
        datasets.connected_digits("all", 5)


@pytest.mark.parametrize("count", [0, -1, 2.5])
def test_a_count_must_be_a_positive_whole_number(count):
    with pytest.raises(ValueError, match="count must be a whole number of at least 1"):
        datasets.connected_digits("test", count)


# --- the experiment ---------------------------------------------------------------------------


def test_features_are_scaled_stacked_and_padded():
    X = datasets.connected_digits("train", 300)[0]
    prepared = experiment.prepared(X, experiment.FULL_STEPS)
    assert prepared.shape == (300, 115, 52)
    real = prepared[prepared.any(axis=-1)]
    assert len(real) == sum(len(x) // 4 for x in X)
    assert abs(real.mean()) < 0.3 and 0.6 < real.std() < 1.6  # noise brings it down to 1


def test_labels_are_one_more_than_digits_and_come_back():
    y = experiment.targets([[0, 9], [3]], 3)
    assert y.tolist() == [[1, 10, 0], [4, 0, 0]]
    assert experiment.digits_of([1, 10]) == [0, 9]


def test_no_stretch_changes_nothing():
    assert np.allclose(experiment.stretched(1.0), np.eye(13))


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_a_stretched_voice_has_its_formants_elsewhere(factor):
    """A hill of energy about 1000 Hz: what was at `factor` times a frequency is there now."""
    sound = np.sin(2 * np.pi * 1000 * np.arange(800) / 8000)
    peak = np.arange(20) @ softmax_rows(log_mel(sound)).mean(axis=0)
    moved = mfcc(sound) @ experiment.stretched(factor)
    bands = experiment.dct(np.eye(20), norm="ortho", axis=0)[:13].T
    new_peak = (moved @ bands.T).mean(axis=0).argmax()
    assert (new_peak > peak) == (factor < 1) and abs(new_peak - peak) < 4


def softmax_rows(x):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def test_training_strings_fit_the_network_and_their_labels_the_loss():
    X, y = experiment.training_strings(64, 0, (1, 2), experiment.SHORT_STEPS, 0.2)
    assert X.shape == (64, 46, 52) and y.shape == (64, 2) and y[:, 0].all()


def test_strings_that_take_too_long_are_left_out():
    X, y = experiment.training_strings(64, 0, (1, 5), 30, 0.0)
    assert X.shape[1:] == (30, 52) and len(X) == len(y) < 64


@pytest.mark.parametrize("noise", [False, True])
def test_the_rival_that_knows_the_ends_of_words_beats_equal_parts(noise):
    _, labels, _ = separate_words("test", 100, 0, noise=noise)
    equal, true = (
        ctc.label_error_rate(experiment.linear_answers(100, cuts, noise), labels)
        for cuts in ("equal", "true")
    )
    assert true < 0.15 < 0.2 < equal


def test_a_string_is_cut_into_as_many_pieces_as_it_has_words():
    words = [np.zeros((4, 13)), np.ones((2, 13))]
    assert experiment.pieces(words, "true") is words
    assert [piece[:, 0].tolist() for piece in experiment.pieces(words, "equal")] == [
        [0, 0, 0],
        [0, 1, 1],
    ]


class Listener:
    """A model that writes down what it is trained on."""

    def __init__(self):
        self.optimizer, self.calls = SimpleNamespace(learning_rate=None), []
        self.built = True

    def reset_weights(self):
        self.calls = []

    def fit(self, X, y, batch_size, verbose):
        self.calls.append((X, y, self.optimizer.learning_rate))
        return SimpleNamespace(history={"loss": [len(self.calls)]})


def test_training_goes_from_short_strings_to_long_ones_with_smaller_steps_at_the_end(capsys):
    model = Listener()
    experiment.fit(model, 5, 0.2, 2, 4, 32, 16, 0.01, verbose=1)
    assert [X.shape[1:] for X, *_ in model.calls] == [(46, 52)] * 2 + [(92, 52)] * 4
    assert [y.shape[1] for _, y, _ in model.calls] == [2, 2, 5, 5, 5, 5]
    rates = [rate for *_, rate in model.calls]
    assert rates == pytest.approx([0.01] * 5 + [0.005])
    shown = capsys.readouterr().out.replace("\r", "\n").splitlines()
    assert shown[-1].startswith("epoch 6:") and shown[-1].endswith("loss 6")


def test_every_epoch_has_new_strings_and_a_seed_decides_them():
    def targets(seed):
        model = Listener()
        experiment.fit(model, seed, 0.2, 2, 0, 32, 16, 0.01)
        return [y.tolist() for _, y, _ in model.calls]

    first, second = targets(0)
    assert first != second and targets(0) == [first, second] and targets(1)[0] != first


# --- what is in data/ -------------------------------------------------------------------------


def test_the_network_has_fewer_than_a_tenth_of_the_labels_wrong_with_every_seed():
    rows = experiments.results("connected_digits")
    assert len(rows) >= 3
    for row in rows:
        assert row["clean"] < 0.1 and row["noisy"] < 0.1


@pytest.fixture(scope="module")
def recognizer():
    return experiments.load("digit_recognizer")


@pytest.mark.parametrize("noise", [False, True])
def test_the_trained_network_hears_unheard_voices(recognizer, noise):
    X, labels, *_ = datasets.connected_digits("test", 100, 7, noise=noise)
    log_p = experiment.log_probabilities(recognizer, X)
    assert [rows.shape for rows in log_p] == [(len(x) // 4, 11) for x in X]
    assert np.allclose(np.exp(log_p[0]).sum(axis=1), 1)
    assert ctc.label_error_rate(experiment.heard(log_p), labels) < 0.12
    assert ctc.label_error_rate(experiment.heard(log_p[:20], 5), labels[:20]) < 0.15
