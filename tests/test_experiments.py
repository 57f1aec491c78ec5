"""Experiments: networks for tasks, training until solved, tables, and trained models."""

import csv
import importlib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from course_lib import datasets, experiments
from course_lib.experiments import (
    cheaper_gates,
    forecast_settings,
    lstm_variants,
    memory_frontier,
    network,
    registry,
    running_free,
    solve,
    step_cost,
    table,
    trained,
)
from course_lib.experiments.__main__ import main
from course_lib.files import DATA
from course_lib.gradients import GradientNorms
from course_lib.layers import ARCHITECTURES, GRU, Dense, Embedding, PeepholeLSTM, SimpleRNN
from course_lib.models import Sequential
from course_lib.tasks import Adding, AnBn, ContinualReber, EmbeddedReber, Latch, TemporalOrder

CHAPTERS = Path(__file__).parent.parent / "chapters"

# --- one task ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "task", [Adding(4), Latch(3), TemporalOrder(10), ContinualReber(5), EmbeddedReber(), AnBn(2)]
)
def test_a_network_fits_its_task(task):
    model = network(task, GRU(2, return_sequences=task.every_step))
    X, y = task.sample(8)
    model.fit(X, y, batch_size=8, verbose=0)
    assert 0 <= task.success_rate(X, y, model.predict(X)) <= 1


def test_padding_does_not_count_in_the_loss_of_a_network():
    task = AnBn(4)
    model = network(task, GRU(2, return_sequences=True))
    X, y = task.sample(8)
    more = [(0, 0), (0, 5)]
    longer = np.pad(X, [*more, (0, 0)]), np.pad(y, more)
    assert model.evaluate(*longer, batch_size=8) == pytest.approx(model.evaluate(X, y), rel=1e-6)


@pytest.mark.parametrize("task, sequences", [(Latch(3), True), (ContinualReber(5), False)])
def test_a_layer_must_answer_when_the_task_asks(task, sequences):
    with pytest.raises(ValueError, match=f"return_sequences={not sequences}"):
        network(task, GRU(2, return_sequences=sequences))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_architecture_can_be_named(name):
    model = network(Latch(3), name, units=4)
    assert type(model.layers[0]) is ARCHITECTURES[name] and model.layers[0].units == 4


def test_a_named_architecture_answers_when_the_task_asks():
    assert network(ContinualReber(5), "MGU").layers[0].return_sequences


def test_an_unknown_architecture_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown architecture 'GRUU'.*GRU.*MinGRU"):
        network(Latch(3), "GRUU")


def test_a_network_needs_a_task():
    with pytest.raises(ValueError, match=r"needs a task such as tasks.Latch.*got 'latch'"):
        network("latch", GRU(2))


@pytest.fixture(scope="module")
def latch():
    task = Latch(2)
    return task, network(task, SimpleRNN(8), learning_rate=0.01)


def test_an_easy_task_is_solved_and_training_stops_then(latch):
    task, model = latch
    attempts = solve(model, task, seeds=[3, 4], look_every=20, test_samples=64, verbose=0)
    assert [a.seed for a in attempts] == [3, 4]
    for a in attempts:
        assert a.solved and a.success[-1] >= task.threshold
        assert all(rate < task.threshold for rate in a.success[:-1])
        assert a.steps == 20 * len(a.success) == 20 * len(a.losses) < 1000


def test_the_model_keeps_the_weights_of_the_last_seed(latch):
    task, model = latch
    *_, last = solve(
        model, task, seeds=[0, 1], max_steps=4, look_every=2, test_samples=8, verbose=0
    )
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), last.weights))


def test_a_seed_decides_the_whole_run(latch):
    task, model = latch
    budget = {"max_steps": 6, "look_every": 2, "test_samples": 64, "verbose": 0}
    first, other, again = solve(model, task, seeds=[0, 1, 0], **budget)
    assert first.success == again.success and first.losses == again.losses
    assert first.losses != other.losses


def test_the_budget_is_kept_and_what_is_not_solved_is_called_so():
    task = TemporalOrder(10)
    model, norms = network(task, SimpleRNN(2)), GradientNorms()
    budget = {"max_steps": 6, "look_every": 3, "test_samples": 8}
    (a,) = solve(model, task, seeds=[0], **budget, batch_size=4, callbacks=[norms], verbose=0)
    assert not a.solved and a.steps == 6 and len(a.success) == 2
    assert len(norms.norms) == 6


def test_solve_says_how_many_seeds_solved_the_task(latch, capsys):
    task, model = latch
    solve(model, task, seeds=[0, 1], look_every=20, test_samples=64)
    output = capsys.readouterr()
    assert "Latch(lag=2): solved by 2 of 2 seeds" in output.out
    assert not output.err


@pytest.mark.parametrize("name", ["max_steps", "look_every", "batch_size", "test_samples"])
def test_a_budget_of_nothing_is_refused(latch, name):
    task, model = latch
    with pytest.raises(ValueError, match="whole number of at least 1, got 0"):
        solve(model, task, seeds=[0], verbose=0, **{name: 0})


# --- tables -----------------------------------------------------------------------------------


class Squares:
    """An experiment of no time at all; `stop_at` interrupts it as Ctrl-C would."""

    SETTINGS = [{"n": n, "units": 2} for n in range(3)]
    stop_at = None

    def __init__(self):
        self.ran = []

    def run(self, n, units):
        if n == self.stop_at:
            raise KeyboardInterrupt
        self.ran.append(n)
        return {"square": n * n + 0.5, "even": n % 2 == 0, "word": "a, b"}


@pytest.fixture
def squares(monkeypatch):
    experiment = Squares()
    monkeypatch.setitem(registry.EXPERIMENTS, "squares", experiment)
    return experiment


def test_a_table_has_settings_results_and_seconds(squares, tmp_path):
    experiments.run("squares", tmp_path, verbose=0)
    rows = experiments.results("squares", tmp_path)
    assert [row.pop("seconds") >= 0 for row in rows] == [True] * 3
    assert rows[1] == {"n": 1, "units": 2, "square": 1.5, "even": False, "word": "a, b"}


def test_an_interrupted_experiment_goes_on_where_it_stopped(squares, tmp_path):
    squares.stop_at = 2
    with pytest.raises(KeyboardInterrupt):
        experiments.run("squares", tmp_path, verbose=0)
    assert [row["n"] for row in experiments.results("squares", tmp_path)] == [0, 1]
    squares.stop_at, squares.ran = None, []
    experiments.run("squares", tmp_path, verbose=0)
    assert squares.ran == [2]
    assert [row["n"] for row in experiments.results("squares", tmp_path)] == [0, 1, 2]


def test_rows_that_were_removed_are_made_again_in_their_place(squares, tmp_path):
    path = experiments.run("squares", tmp_path, verbose=0)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[3])
    squares.ran = []
    experiments.run("squares", tmp_path, verbose=0)
    assert squares.ran == [0, 1]
    assert [row["n"] for row in experiments.results("squares", tmp_path)] == [0, 1, 2]


def test_a_finished_experiment_runs_nothing_again(squares, tmp_path):
    experiments.run("squares", tmp_path, verbose=0)
    before = (tmp_path / "squares.csv").read_bytes()
    squares.ran = []
    experiments.run("squares", tmp_path, verbose=0)
    assert not squares.ran
    assert (tmp_path / "squares.csv").read_bytes() == before


def test_no_other_file_is_left_behind(squares, tmp_path):
    experiments.run("squares", tmp_path, verbose=0)
    assert [path.name for path in tmp_path.iterdir()] == ["squares.csv"]


REMEDY = "`git checkout data/squares.csv`.*`python -m course_lib.experiments squares`"
either_way = pytest.mark.parametrize("what", [experiments.run, experiments.results])


@either_way
def test_a_table_made_with_other_settings_is_refused(squares, tmp_path, what):
    experiments.run("squares", tmp_path, verbose=0)
    before = (tmp_path / "squares.csv").read_bytes()
    squares.SETTINGS = [{"n": n, "units": 3} for n in range(3)]
    with pytest.raises(ValueError, match=f"none of this experiment's settings.*{REMEDY}"):
        what("squares", tmp_path)
    assert (tmp_path / "squares.csv").read_bytes() == before


DAMAGE = {
    "cut off": lambda content: content[:-10],
    "a row twice": lambda content: content + content.splitlines(keepends=True)[-1],
    "a row too long": lambda content: content[:-1] + b",1\n",
    "another file": lambda content: b"PK\x03\x04\xff\x00\n\xff",
}


@either_way
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_table_is_refused_with_the_remedy(squares, tmp_path, what, damage):
    path = experiments.run("squares", tmp_path, verbose=0)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    with pytest.raises(ValueError, match=f"squares.csv (is no table|has a row).*{REMEDY}"):
        what("squares", tmp_path)


def test_a_table_that_is_not_there_is_named_with_the_remedy(squares, tmp_path):
    with pytest.raises(ValueError, match=f"squares.csv is missing or empty.*{REMEDY}"):
        experiments.results("squares", tmp_path)


def test_an_experiment_shows_how_far_it_is(squares, tmp_path, capsys):
    experiments.run("squares", tmp_path)
    output = capsys.readouterr()
    assert "0 2" in output.out and not output.err


@either_way
def test_an_unknown_experiment_is_answered_with_the_known_ones(what):
    with pytest.raises(ValueError, match="unknown experiment 'frontier'.*memory_frontier"):
        what("frontier")


def test_the_command_names_the_table_it_wrote(squares, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("course_lib.experiments.__main__.run", lambda name: tmp_path / name)
    assert main(["squares"]) == 0
    assert "wrote " in capsys.readouterr().out


def test_the_command_answers_an_unknown_name_without_a_traceback(capsys):
    assert main(["frontier"]) == 2
    assert "unknown experiment 'frontier'" in capsys.readouterr().err


def test_the_command_says_how_to_go_on_after_an_interrupt(monkeypatch, capsys):
    def interrupted(name):
        raise KeyboardInterrupt

    monkeypatch.setattr("course_lib.experiments.__main__.run", interrupted)
    assert main(["memory_frontier"]) == 130
    assert "go on with: python -m course_lib.experiments memory_frontier" in capsys.readouterr().out


# --- choices without the test part ------------------------------------------------------------


@pytest.mark.parametrize("series", forecast_settings.LENGTHS)
def test_settings_of_forecasts_are_chosen_without_the_test_part(series, monkeypatch):
    def examples():
        forecast_settings.rounds.cache_clear()
        return forecast_settings.rounds(series, 22)

    before = examples()
    (months, passengers), (times, degrees) = datasets.airline(), datasets.el_nino()
    days, tables = datasets.stocks()
    cut = int(0.8 * (len(days) - 1)) + 1
    for columns in tables.values():
        for column in columns.values():
            column[cut:] *= 1.5
    passengers[96:] *= 1.5
    degrees[480:] *= 1.5
    monkeypatch.setattr(datasets, "airline", lambda: (months, passengers))
    monkeypatch.setattr(datasets, "el_nino", lambda: (times, degrees))
    monkeypatch.setattr(datasets, "stocks", lambda: (days, tables))
    after = examples()
    forecast_settings.rounds.cache_clear()
    for one, other in zip(before, after):
        assert all(map(np.array_equal, one, other))


# --- trained models -----------------------------------------------------------------------


class Tiny:
    """A model that is trained in no time."""

    SETTINGS = [{"units": 5, "seed": 0}]

    @staticmethod
    def train(units, seed, verbose):
        model = Sequential([Embedding(4, 3), GRU(units), Dense(4)])
        model.build((None,))
        return model

    @staticmethod
    def measure(model):
        return {"bits_per_character": 1.5}


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    monkeypatch.setitem(registry.EXPERIMENTS, "tiny", Tiny)
    experiments.run("tiny", tmp_path, verbose=0)
    return tmp_path


def test_a_trained_model_comes_back_with_weights_of_16_bits(tiny):
    for w in experiments.load("tiny", tiny).get_weights():
        np.testing.assert_array_equal(w, w.astype("float16"))


def test_what_was_measured_is_kept_beside_the_weights(tiny):
    expected = {"units": 5, "seed": 0, "bits_per_character": 1.5}
    assert expected.items() <= experiments.results("tiny", tiny).items()


def test_a_damaged_model_is_recognized(tiny):
    content = (tiny / "tiny.npz").read_bytes()
    (tiny / "tiny.npz").write_bytes(content[:-1] + b"x")
    with pytest.raises(ValueError, match=r"damaged.*python -m course_lib.experiments tiny"):
        experiments.load("tiny", tiny)


@pytest.mark.parametrize("lost", ["tiny.npz", "tiny.json"])
def test_a_missing_file_says_how_to_make_it_again(tiny, lost):
    (tiny / lost).unlink()
    with pytest.raises(ValueError, match=r"python -m course_lib.experiments tiny"):
        experiments.load("tiny", tiny)


def test_a_model_trained_with_other_settings_is_refused(tiny, monkeypatch):
    monkeypatch.setattr(Tiny, "SETTINGS", [{"units": 6, "seed": 0}])
    for what in (experiments.load, experiments.results):
        with pytest.raises(ValueError, match=r"other settings.*course_lib.experiments tiny"):
            what("tiny", tiny)


def test_a_model_says_what_was_measured_on_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(registry.EXPERIMENTS, "tiny", Tiny)
    path = experiments.run("tiny", tmp_path)
    assert path == tmp_path / "tiny.npz"
    assert "units: 5\nseed: 0\nbits_per_character: 1.5\n" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["poet", "depth"])
def test_an_unknown_model_is_refused_with_the_choices(name):
    message = f"unknown model '{name}'; choose one of character_model, date_translator, digit_rec"
    with pytest.raises(ValueError, match=message):
        experiments.load(name)


# --- what is in data/ -------------------------------------------------------------------------


MODELS = [name for name, e in experiments.EXPERIMENTS.items() if not hasattr(e, "run")]


@pytest.mark.parametrize("name", sorted({*experiments.EXPERIMENTS} - {*MODELS}))
def test_the_table_in_data_is_complete_and_of_these_settings(name):
    experiment = experiments.EXPERIMENTS[name]
    rows = experiments.results(name)
    settings = [{key: str(row[key]) for key in experiment.SETTINGS[0]} for row in rows]
    assert settings == [table.as_text(setting) for setting in experiment.SETTINGS]


@pytest.mark.parametrize("name", MODELS)
def test_the_models_of_the_course_are_there_and_small(name):
    path, _ = trained.paths_of(DATA / name)
    assert path.stat().st_size < 1_000_000
    assert experiments.results(name)["parameters"] == experiments.load(name).count_params()


def test_a_row_of_the_memory_frontier_can_be_made_again():
    """The quickest row: the same seed gives the same outcome, if not the same last digit."""
    with open(DATA / "memory_frontier.csv", newline="", encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    setting = memory_frontier.SETTINGS[0]
    assert {key: row[key] for key in setting} == table.as_text(setting)
    assert str(memory_frontier.run(**setting)["solved"]) == row["solved"]


ARCHITECTURES_OF_THE_FRONTIER = {**memory_frontier.LONGEST, **memory_frontier.LONGEST_ADDED}


@pytest.mark.parametrize("architecture", ARCHITECTURES_OF_THE_FRONTIER)
def test_every_architecture_of_the_memory_frontier_has_its_layer(architecture):
    name, _, chrono = architecture.partition(" ")
    layer = memory_frontier.layer_of(architecture, length=50, units=8)
    assert type(layer) is ARCHITECTURES[name] and layer.units == 8
    assert layer.cell.chrono == (50 if chrono else None)


@pytest.fixture
def newcomer(monkeypatch):
    """An architecture that has no row in any table yet."""
    with monkeypatch.context() as patch:
        patch.setitem(ARCHITECTURES, "Newcomer", GRU)
        importlib.reload(step_cost)
        yield "Newcomer"
    importlib.reload(step_cost)


def table_of_chapter_11(results):
    """Print the table of all architectures with other `results`; returns the committed one."""
    chapter = nbformat.read(CHAPTERS / "11_more_architectures.ipynb", as_version=4)
    cells = [cell for cell in chapter.cells if "longest_lags()" in cell.source]
    names = {"experiments": SimpleNamespace(results=results), "np": np}
    exec("\n".join(cell.source for cell in cells), names)
    return cells[-1].outputs[0].text


def test_an_architecture_may_be_added_before_it_has_a_row(newcomer, capsys):
    assert step_cost.SETTINGS[-1]["architecture"] == newcomer
    assert newcomer not in {row["architecture"] for row in experiments.results("step_cost")}
    committed = table_of_chapter_11(experiments.results)
    assert capsys.readouterr().out == committed


def test_an_architecture_without_a_row_in_the_memory_frontier_has_no_lag(capsys):
    def results(name):
        more = [{"architecture": "Newcomer", "parameters": 1248, "milliseconds": 3.21}]
        return experiments.results(name) + more * (name == "step_cost")

    committed = table_of_chapter_11(results)
    assert capsys.readouterr().out.split("\n")[-2].split() == ["Newcomer", "1248", "3.2"]
    assert "Newcomer" not in committed


# --- variants of the LSTM, and networks of equal size -----------------------------------------


def hidden_states(layer, weights):
    """What a layer of 4 units with these weights answers to one fixed input."""
    X = np.random.default_rng(0).normal(size=(2, 6, 3))
    model = Sequential([layer])
    model.build((6, 3))
    model.set_weights(weights)
    return model.predict(X)


def drawn(*shapes):
    rng = np.random.default_rng(1)
    return [rng.normal(size=shape) for shape in shapes]


LSTM_SHAPES = [(3, 16), (4, 16), (16,), (4, 3)]


@pytest.fixture(scope="module")
def lstm_states():
    """Those of the LSTM with peepholes."""
    return hidden_states(PeepholeLSTM(4, return_sequences=True), drawn(*LSTM_SHAPES))


def states_of_variant(variant):
    others = {"NP": LSTM_SHAPES[:3], "FGR": [*LSTM_SHAPES, (12, 12)]}
    shapes = others.get(variant, LSTM_SHAPES)
    return hidden_states(lstm_variants.layer_of(variant, 4), drawn(*shapes))


@pytest.mark.parametrize("variant", lstm_variants.VARIANTS[1:])
def test_a_variant_of_the_lstm_is_another_network(variant, lstm_states):
    assert np.abs(states_of_variant(variant) - lstm_states).max() > 0.05


def test_the_variant_without_a_change_is_the_lstm_with_peepholes(lstm_states):
    np.testing.assert_allclose(states_of_variant("vanilla"), lstm_states)
    same = hidden_states(
        lstm_variants.VariantLSTM(4, change=None, return_sequences=True), drawn(*LSTM_SHAPES)
    )
    np.testing.assert_allclose(same, lstm_states, rtol=1e-5)


def test_gates_that_see_no_gates_are_those_of_the_lstm_with_peepholes(lstm_states):
    weights = [*drawn(*LSTM_SHAPES), np.zeros((12, 12))]
    np.testing.assert_allclose(
        hidden_states(lstm_variants.layer_of("FGR", 4), weights), lstm_states, rtol=1e-5
    )


def test_without_an_output_activation_the_cell_state_is_shown_as_it_is():
    # The input lets everything in and nothing is forgotten: the cell state counts to 6.
    always = np.repeat([50.0, 50.0, 1.0, 50.0], 4)
    weights = [np.zeros((3, 16)), np.zeros((4, 16)), always, np.zeros((4, 3))]
    states = hidden_states(lstm_variants.layer_of("NOAF", 4), weights)
    np.testing.assert_allclose(states[:, -1], 6 * np.tanh(1), rtol=1e-5)


def test_sequences_of_digits_are_filled_up_and_the_filling_is_known():
    digits, real = lstm_variants.with_mask([np.array([3, 3]), np.array([7])], steps=3)
    assert digits.tolist() == [[3, 3, 0], [7, 0, 0]]
    assert real.tolist() == [[True, True, False], [True, False, False]]


@pytest.mark.parametrize("parameters", [300, 999, 5000])
def test_the_most_units_within_a_budget_are_found(parameters):
    def size(units):
        model = network(Adding(4), "GRU", units=units)
        return model.count_params()

    units = cheaper_gates.units_for(parameters, lambda n: Sequential([GRU(n), Dense(1)]), (4, 2))
    assert size(units) <= parameters < size(units + 1)


@pytest.mark.parametrize("task", cheaper_gates.SIZES)
def test_networks_of_a_task_have_equal_size_within_six_percent(task):
    rows = [row for row in experiments.results("cheaper_gates") if row["task"] == task]
    sizes = [row["size"] for row in rows]
    assert max(sizes) <= cheaper_gates.SIZES[task]["parameters"] <= 1.06 * min(sizes)


# --- teacher forcing and its remedies ---------------------------------------------------------


def given(training, progress):
    return running_free.given_in(training, progress, (9, 400, 1), np.random.default_rng(0))


@pytest.mark.parametrize("training", running_free.TRAININGS)
@pytest.mark.parametrize("progress", [0, 1])
def test_the_first_third_of_a_sequence_is_always_given(training, progress):
    assert given(training, progress)[:3].all()


@pytest.mark.parametrize(
    "training, progress, share",
    [
        ("teacher forcing", 1, 1),
        ("scheduled sampling", 0, 1),
        ("scheduled sampling", 0.25, 0.75),
        ("scheduled sampling", 1, 0),
        ("free running", 0, 0),
    ],
)
def test_how_much_of_the_rest_is_given(training, progress, share):
    assert given(training, progress)[3:].mean() == pytest.approx(share, abs=0.03)


def test_own_predictions_are_fed_back_where_nothing_is_given():
    """With x_t handed through unchanged, every output repeats the last value that was given."""
    almost = 0.001  # tanh is a straight line there
    weights = [np.array([[almost]]), np.zeros((1, 1)), np.zeros(1), np.array([[1 / almost]])]
    model, _, _, predict = running_free.network_for(1, 0.01)
    model.set_weights([*weights, np.zeros(1)])
    values = np.arange(1.0, 6).reshape(5, 1, 1).astype("float32")
    shown = np.array([1, 1, 0, 0, 1]).reshape(5, 1, 1).astype("float32")
    np.testing.assert_allclose(predict(values, shown).ravel(), [1, 2, 2, 2, 5], rtol=1e-4)
