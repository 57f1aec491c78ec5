"""Speech: features, noise, padding, the two data sets, recordings, and the linear rivals."""

import os
import shlex
import struct
import wave

import numpy as np
import pytest

from course_lib import datasets, plots, speech
from course_lib.baselines import LogisticRegression, mean_and_std, segment_means
from course_lib.datasets.make import japanese_vowels as make_vowels
from course_lib.datasets.make import spoken_digits as make_digits
from course_lib.experiments import spoken_digits as experiment


def tone(frequency, samples=800):
    return np.sin(2 * np.pi * frequency * np.arange(samples) / speech.RATE)


# --- frames and MFCC ------------------------------------------------------------------------


def test_frames_overlap_and_a_rest_is_dropped():
    frames = speech.frames(np.arange(11.0), length=4, step=3)
    assert np.array_equal(frames, [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]])


def test_a_sound_of_one_frame_is_one_frame():
    assert speech.frames(np.ones(speech.FRAME)).shape == (1, speech.FRAME)


def test_a_sound_shorter_than_a_frame_is_refused():
    with pytest.raises(ValueError, match="199 samples, fewer than one frame of 200"):
        speech.mfcc(np.ones(199))


def test_a_sound_has_one_axis():
    with pytest.raises(ValueError, match=r"one axis, time; got shape \(2, 800\)"):
        speech.mfcc(np.ones((2, 800)))


@pytest.mark.parametrize("frequency", [500, 1000, 3000])
def test_a_tone_has_its_power_at_its_frequency(frequency):
    spectrum = speech.power_spectra(tone(frequency)).mean(axis=0)
    assert spectrum.argmax() * speech.RATE / speech.FFT == pytest.approx(frequency, abs=20)


def test_mel_and_hertz_are_inverse_and_1000_hertz_are_about_1000_mel():
    frequency = np.array([0.0, 100, 1000, 4000])
    assert speech.mel_to_hz(speech.hz_to_mel(frequency)) == pytest.approx(frequency)
    assert speech.hz_to_mel(1000) == pytest.approx(1000, abs=1)


def test_mel_filters_rise_from_the_middle_of_the_one_before():
    filters = speech.mel_filters(6, 0, 4000)
    peaks = filters.argmax(axis=1)
    assert (np.diff(peaks) > 0).all() and (np.diff(np.diff(peaks)) >= 0).all()
    # Between the first and the last middle neighbors add up to 1.
    assert filters[:, peaks[0] + 1 : peaks[-1]].sum(axis=0) == pytest.approx(1)


@pytest.mark.parametrize("low, high", [(-1, 3000), (3000, 3000), (100, 4001)])
def test_mel_filters_stay_between_0_and_4000_hertz(low, high):
    with pytest.raises(ValueError, match="0 <= low < high <= 4000"):
        speech.mel_filters(20, low, high)


def test_loudness_is_in_the_first_coefficient_only():
    sound = np.random.default_rng(0).normal(0, 0.3, 800)
    louder = speech.mfcc(10 * sound) - speech.mfcc(sound)
    # A factor of 10 is log(100) in every band, up to the floor of the logarithm.
    assert louder[:, 0] == pytest.approx(np.log(100) * np.sqrt(20), rel=1e-3)
    assert louder[:, 1:] == pytest.approx(0, abs=1e-2)


def test_silence_is_finite():
    assert np.isfinite(speech.mfcc(np.zeros(400))).all()


def test_there_are_not_more_coefficients_than_bands():
    with pytest.raises(ValueError, match="20 bands, so count cannot be 21"):
        speech.mfcc(np.ones(400), count=21)


def test_resampling_keeps_a_tone():
    sound = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    resampled = speech.resample(sound, 22050)
    assert len(resampled) == speech.RATE
    assert resampled[100:-100] == pytest.approx(tone(440, 8000)[100:-100], abs=0.01)


def test_trim_cuts_silence_and_scales():
    sound = np.concatenate([np.zeros(50), [0.001, 0.5, 0, -0.25], np.zeros(20)])
    assert np.array_equal(speech.trim(sound), [1, 0, -0.5])
    assert len(speech.trim(sound, margin=10)) == 23
    assert len(speech.trim(sound, margin=1000)) == len(sound)


def test_trim_refuses_silence():
    with pytest.raises(ValueError, match="silent"):
        speech.trim(np.zeros(10))


@pytest.mark.parametrize("snr", [20, 10, 0])
def test_noise_has_the_ratio_asked_for(snr):
    sound = tone(300, 40000)
    noise = speech.add_noise(sound, snr, np.random.default_rng(0)) - sound
    ratio = 10 * np.log10(np.mean(sound**2) / np.mean(noise**2))
    assert ratio == pytest.approx(snr, abs=0.2)


def test_noise_goes_on_before_and_after():
    noisy = speech.add_noise(tone(300), 10, np.random.default_rng(0), before=500, after=600)
    assert len(noisy) == 500 + 800 + 600
    assert np.std(noisy[:500]) == pytest.approx(np.std(noisy[-600:]), rel=0.2)


# --- padding --------------------------------------------------------------------------------


def test_pad_fills_up_with_zeros_at_the_end():
    padded = speech.pad([np.ones((2, 3)), 2 * np.ones((4, 3))])
    assert padded.shape == (2, 4, 3)
    assert (padded[0, :2] == 1).all() and (padded[0, 2:] == 0).all() and (padded[1] == 2).all()


def test_pad_to_a_length():
    assert speech.pad([np.ones((2, 3))], length=7).shape == (1, 7, 3)
    with pytest.raises(ValueError, match="2 steps, more than length=1"):
        speech.pad([np.ones((2, 3))], length=1)


@pytest.mark.parametrize(
    "sequences, message",
    [
        ([], "no sequences"),
        ([np.ones((2, 3)), np.ones((2, 4))], "same features"),
        ([np.ones(3)], "same features"),
    ],
)
def test_pad_refuses_what_does_not_fit_together(sequences, message):
    with pytest.raises(ValueError, match=message):
        speech.pad(sequences)


def test_stack_puts_frames_side_by_side():
    assert np.array_equal(speech.stack(np.arange(10).reshape(5, 2)), [[0, 1, 2, 3], [4, 5, 6, 7]])
    with pytest.raises(ValueError, match="1 frames cannot be stacked by 2"):
        speech.stack(np.ones((1, 2)))


# --- data -----------------------------------------------------------------------------------


def test_japanese_vowels_are_as_published():
    X_train, y_train, X_test, y_test = datasets.japanese_vowels()
    assert (len(X_train), len(X_test)) == (270, 370)
    assert np.bincount(y_train).tolist() == [30] * 9
    assert np.bincount(y_test).tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]
    lengths = [len(x) for x in X_train + X_test]
    assert min(lengths) == 7 and max(lengths) == 29
    # The first values of the first file.
    assert X_train[0].shape == (20, 12)
    assert X_train[0][:3, 0] == pytest.approx([1.860936, 1.891651, 1.939205], abs=5e-5)
    assert X_train[0][0, 1] == pytest.approx(-0.207383, abs=5e-5)


@pytest.mark.parametrize("noise", [False, True])
def test_spoken_digits_have_all_words_and_takes_of_every_voice(noise):
    for part, voices in (("train", 30), ("test", 10)):
        X, y, voice = datasets.spoken_digits(part, noise)
        assert len(X) == len(y) == len(voice) == voices * 60
        assert len(set(voice)) == voices
        for name in set(voice):
            assert np.bincount(y[voice == name]).tolist() == [6] * 10
        assert {x.shape[1] for x in X} == {13}
        assert all(np.isfinite(x).all() for x in X)


def test_no_test_voice_and_no_test_speaker_is_heard_in_training():
    train, test = ({*datasets.spoken_digits(part)[2]} for part in ("train", "test"))
    assert not train & test
    speakers = [{name.split("+")[1] for name in names} for names in (train, test)]
    assert not speakers[0] & speakers[1]


def test_noisy_utterances_are_longer_by_the_margins():
    clean, noisy = (datasets.spoken_digits("test", noise)[0] for noise in (False, True))
    more = np.array([len(b) - len(a) for a, b in zip(clean, noisy)])
    # 2 x 25 to 100 ms, and a frame every 10 ms.
    assert more.min() >= 5 and more.max() <= 20


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match="'train' or 'test', got 'validation'"):
        datasets.spoken_digits("validation")


def test_the_shipped_features_are_the_mfcc_of_the_shipped_sounds():
    sounds, digits, voices = datasets.digit_sounds()
    assert len(sounds) == 20 and digits.tolist() == [*range(10)] * 2
    parts = [datasets.spoken_digits(part) for part in ("train", "test")]
    for sound, digit, name in zip(sounds, digits, voices):
        X, y, voice = next(p for p in parts if name in p[2])
        stored = X[np.flatnonzero((voice == name) & (y == digit))[0]]  # the first take
        exact = speech.mfcc(sound)
        assert stored.shape == exact.shape
        # Rounded to an eighth of a standard deviation; the sounds themselves to 16 bits.
        assert np.abs(stored - exact).mean() < 0.3


def test_the_train_voice_and_the_test_voice_can_be_listened_to():
    _, _, voices = datasets.digit_sounds()
    assert voices[0] in datasets.spoken_digits("train")[2]
    assert voices[10] in datasets.spoken_digits("test")[2]


def test_features_are_packed_to_an_eighth_of_their_standard_deviation():
    rng = np.random.default_rng(0)
    sequences = [rng.normal(0, [1, 5], (n, 2)) for n in (30, 40)]
    packed = make_digits.packed("x", sequences)
    assert packed["x_lengths"].tolist() == [30, 40] and packed["x"].dtype == np.int8
    error = packed["x"].T * packed["x_unit"] - np.concatenate(sequences)
    assert (np.abs(error).max(axis=0) <= packed["x_unit"] * 0.501).all()


def test_requests_cover_every_voice_digit_and_take():
    voices = make_digits.make_voices(np.random.default_rng(0))
    assert len(set(voices)) == 40
    requests = make_digits.make_requests(voices, np.random.default_rng(0))
    assert len(requests) == 2400
    assert all(130 <= speed <= 230 for _, _, speed, _, _ in requests)


def test_ts_files_are_read(tmp_path):
    (tmp_path / "a.ts").write_text("# note\n@classLabel true\n@data\n1,2:3,4:7\n5:6:9\n")
    X, y = make_vowels.read(tmp_path / "a.ts")
    assert X[0].tolist() == [[1, 3], [2, 4]] and X[1].tolist() == [[5, 6]] and y == [7, 9]


# --- recordings -----------------------------------------------------------------------------


def write_wav(path, sound, channels=1, width=2, rate=8000):
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", None))
        file.writeframes(np.asarray(sound).tobytes())
    return path


def test_a_recording_comes_back_as_it_was_written(tmp_path):
    sound = np.round(30000 * tone(300, 3200)).astype("<i2")
    loaded, rate = datasets.load_wav(write_wav(tmp_path / "a.wav", sound, rate=16000))
    assert rate == 16000
    assert loaded == pytest.approx(sound / 32768)


def test_the_example_recording_is_a_word_in_a_room():
    sound, rate = datasets.load_wav(datasets.DATA / "recording.wav")
    assert rate == 22050 and 0.5 < len(sound) / rate < 2
    word = speech.trim(speech.resample(sound, rate), level=0.1, margin=400)
    assert 20 < len(speech.mfcc(word)) < 80


PCM, FLOAT = 1, 3


def extensible(sound, kind):
    """A wav file with the longer head, which names the kind of its numbers at the end."""
    tail = bytes.fromhex("000000001000800000aa00389b71")
    head = struct.pack("<HHIIHHHHIH", 0xFFFE, 1, 8000, 16000, 2, 16, 22, 16, 4, kind) + tail
    body = b"WAVE"
    for name, content in ((b"fmt ", head), (b"data", sound.tobytes())):
        body += name + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_whole_numbers_under_the_extensible_head_are_read(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(extensible(np.arange(1000, dtype="<i2"), PCM))
    sound, rate = datasets.load_wav(path)
    assert rate == 8000 and (32768 * sound == np.arange(1000)).all()


def test_a_recording_in_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write_wav(tmp_path / "a.wav", SOUND)
    assert len(datasets.load_wav("~/a.wav")[0]) == 8000


SOUND = np.ones(8000, dtype="<i2")
BAD = {
    "stereo": ((SOUND, 2), "2 channels, and one"),
    "8 bits": ((SOUND.astype("u1"), 1, 1), "8 bits per sample, 16 are needed"),
    "24 bits": ((np.ones(24000, dtype="u1"), 1, 3), "24 bits per sample, 16 are needed"),
    "short": ((SOUND[:100],), "100 samples, 0.013 s: a word takes"),
    "no samples": ((SOUND[:0],), "0 samples"),
    "silent": ((0 * SOUND,), "silent"),
    "a rate of 1": ((SOUND, 1, 2, 1), "damaged head: it says 1 samples per second"),
    "a rate of 1 GHz": ((SOUND, 1, 2, 10**9), "damaged head: it says 1000000000 samples"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_recording_that_cannot_be_used_is_refused(case, tmp_path):
    arguments, message = BAD[case]
    path = write_wav(tmp_path / "a.wav", *arguments)
    with pytest.raises(ValueError, match=f"a.wav .*{message}"):
        datasets.load_wav(path)


def test_a_rate_of_0_is_refused(tmp_path):
    path = write_wav(tmp_path / "a.wav", SOUND)
    content = path.read_bytes()
    path.write_bytes(content[:24] + bytes(4) + content[28:])
    with pytest.raises(ValueError, match="damaged head: it says 0 samples per second"):
        datasets.load_wav(path)


@pytest.mark.parametrize("left", [8000, 8001, 46, 44])
def test_a_recording_that_is_cut_off_is_refused(left, tmp_path):
    path = write_wav(tmp_path / "a.wav", SOUND)
    path.write_bytes(path.read_bytes()[:left])
    there = (left - 44) // 2
    with pytest.raises(ValueError, match=f"cut off: 8000 samples are promised, {there} are there"):
        datasets.load_wav(path)


@pytest.mark.parametrize("number, name", [(FLOAT, "floating point numbers"), (7, "mu-law")])
@pytest.mark.parametrize("head", ["plain", "extensible"])
def test_another_kind_of_samples_is_called_what_it_is(number, name, head, tmp_path):
    path = write_wav(tmp_path / "a.wav", SOUND)
    plain = path.read_bytes()
    plain = plain[:20] + bytes([number]) + plain[21:]
    path.write_bytes(plain if head == "plain" else extensible(SOUND, number))
    with pytest.raises(ValueError, match=rf"no wav file of whole numbers \({name}\): `ffmpeg"):
        datasets.load_wav(path)


def test_the_command_can_be_copied_for_any_name(tmp_path):
    path = write_wav(tmp_path / "my 'own' $voice.wav", SOUND, channels=2)
    with pytest.raises(ValueError, match="ffmpeg") as caught:
        datasets.load_wav(path)
    command = shlex.split(str(caught.value).split("`")[1])
    assert command[:3] == ["ffmpeg", "-i", str(path)]


own_files = pytest.mark.parametrize(
    "load", [datasets.load_wav, datasets.load_series, datasets.load_text]
)


@own_files
def test_a_huge_file_is_not_read(load, tmp_path, monkeypatch):
    monkeypatch.setattr("course_lib.files.LARGEST", 10**6)
    path = tmp_path / "huge"
    path.write_bytes(bytes(10**6 + 1))
    with pytest.raises(ValueError, match="huge has 0.001 GB, and 0.001 GB is the most"):
        load(path)


@own_files
def test_what_is_no_file_is_called_what_it_is(load, tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        load(tmp_path)
    if os.name == "nt":
        pytest.skip("Windows has no devices among its files")
    with pytest.raises(ValueError, match="/dev/null is a device"):
        load("/dev/null")
    with pytest.raises(ValueError, match="cannot be read: File name too long"):
        load(tmp_path / ("a" * 300))


@pytest.mark.parametrize("content", [b"", b"ID3 this is an mp3", b"RIFF\x00\x00"])
def test_what_is_no_wav_is_refused(content, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="a.wav is no wav file.*ffmpeg"):
        datasets.load_wav(path)


def test_a_missing_recording_is_named(tmp_path):
    with pytest.raises(ValueError, match="there is no file .*mine.wav"):
        datasets.load_wav(tmp_path / "mine.wav")


# --- rivals ---------------------------------------------------------------------------------


def test_segment_means_are_those_of_equal_parts():
    sequence = np.arange(12.0).reshape(6, 2)
    assert np.array_equal(segment_means([sequence], 3), [[1, 2, 5, 6, 9, 10]])
    assert np.array_equal(segment_means([sequence], 1), [[5, 6]])


def test_a_sequence_needs_a_step_per_segment():
    with pytest.raises(ValueError, match="2 steps has no 3 parts"):
        segment_means([np.ones((2, 1))])


def test_mean_and_std_forget_the_order():
    sequence = np.random.default_rng(0).normal(size=(9, 2))
    assert mean_and_std([sequence]) == pytest.approx(mean_and_std([sequence[::-1]]))


def test_logistic_regression_finds_the_minimum():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 200)
    X = rng.normal(size=(200, 4)) + np.eye(3, 4)[y]
    model = LogisticRegression().fit(X, y)
    design, targets = model.design(X), np.eye(3)[y]
    best, gradient = model.loss(model.W.ravel(), design, targets)
    assert np.abs(gradient).max() < 0.05
    for _ in range(5):
        moved = model.W + rng.normal(0, 0.05, model.W.shape)
        assert model.loss(moved.ravel(), design, targets)[0] > best
    assert model.score(X, y) == np.mean(model.predict(X) == y) > 0.6


def test_the_gradient_of_logistic_regression_is_right():
    rng = np.random.default_rng(1)
    model, design, targets = (
        LogisticRegression(2.0),
        rng.normal(size=(7, 3)),
        np.eye(2)[[0, 1] * 3 + [1]],
    )
    W, step = rng.normal(size=6), 1e-6
    _, gradient = model.loss(W, design, targets)
    for i in range(6):
        up, down = (
            model.loss(W + sign * step * np.eye(6)[i], design, targets)[0] for sign in (1, -1)
        )
        assert gradient[i] == pytest.approx((up - down) / (2 * step), abs=1e-5)


def test_a_constant_feature_does_no_harm():
    X = np.column_stack([np.ones(20), np.linspace(-1, 1, 20)])
    assert LogisticRegression().fit(X, (X[:, 1] > 0).astype(int)).score(X, X[:, 1] > 0) == 1


def test_order_free_rivals_on_japanese_vowels():
    X_train, y_train, X_test, y_test = datasets.japanese_vowels()
    for summary, expected in ((lambda X: segment_means(X, 1), 0.968), (segment_means, 0.992)):
        model = LogisticRegression().fit(summary(X_train), y_train)
        assert model.score(summary(X_test), y_test) == pytest.approx(expected, abs=0.004)


# --- the experiment -------------------------------------------------------------------------


@pytest.mark.parametrize("test_voices", ["every fourth", "highest ten"])
def test_the_experiment_tests_on_ten_voices(test_voices):
    X, y, tests = experiment.data("in order", "both", test_voices, seed=0)
    assert X.shape == (3600, 46, 26) and y.shape == (3600,)
    assert [tuple(map(len, test)) for test in tests] == [(600, 600, 600)] * 2
    assert all(len(set(speaker)) == 10 for _, _, speaker in tests)


def test_the_highest_voices_are_ten():
    speakers = set(experiment.utterances(False)[2])
    assert len(experiment.HIGHEST & speakers) == 10


def test_shuffled_frames_are_the_same_frames():
    in_order, shuffled = (
        experiment.data(frames, "clean", "every fourth", seed=0)[0]
        for frames in ("in order", "shuffled")
    )
    assert not np.allclose(in_order, shuffled)
    # Of an even number of frames none is dropped by stacking, so they sum to the same.
    same = np.isclose(
        in_order.sum(axis=1).reshape(-1, 2, 13).sum(axis=1),
        shuffled.sum(axis=1).reshape(-1, 2, 13).sum(axis=1),
        atol=1e-3,
    ).all(axis=1)
    assert 0.4 < same.mean() < 0.6


# --- figures --------------------------------------------------------------------------------

SPECTRA = np.random.default_rng(0).normal(size=(8, 13))
FIGURES = {
    "waveform": lambda: plots.waveform(tone(300), {"a": (0, 200)}),
    "frame_spectra": lambda: plots.frame_spectra({"a": tone(300, 200), "b": tone(900, 200)}),
    "mel_filters": lambda: plots.mel_filters(speech.mel_filters()),
    "sound_features": lambda: plots.sound_features(
        tone(300), {"spectrogram": np.log(speech.power_spectra(tone(300)) + 1e-6), "MFCC": SPECTRA}
    ),
    "padded": lambda: plots.padded(np.ones((3, 4, 2)), [2, 3, 4]),
    "confusion_matrix": lambda: plots.confusion_matrix([0, 1, 1], [0, 1, 0], ["yes", "no"]),
    "paired_scores": lambda: plots.paired_scores(
        {"GRU": {"clean": [0.9, 0.8], "10 dB": [0.7, 0.6]}}
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_labeled(name):
    figure = FIGURES[name]()
    figure.draw_without_rendering()
    assert any(ax.get_xlabel() for ax in figure.axes)
    assert any(ax.get_ylabel() for ax in figure.axes)


def test_the_confusion_matrix_counts_truth_in_rows():
    ax = plots.confusion_matrix([0, 1, 1, 1], [0, 1, 0, 0], ["yes", "no"]).axes[0]
    written = {tuple(map(round, text.get_position())): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "1", (1, 0): "\N{MIDDLE DOT}", (0, 1): "2", (1, 1): "1"}
