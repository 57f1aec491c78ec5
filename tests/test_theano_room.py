"""Theano is set up as promised: BLAS, flags, and where compiled code is kept."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib.backend import (
    T,
    blas_library,
    floatX,
    function,
    theano,
)
from course_lib.backend.theano import folders

pytestmark = pytest.mark.usefixtures("optimized")

ROOT = Path(__file__).parent.parent
NUMPY_BLAS = sorted((Path(np.__file__).parent.parent / "numpy.libs").glob("libopenblas*.so"))


# --- settings -----------------------------------------------------------------------------


@pytest.mark.skipif(not NUMPY_BLAS, reason="this numpy brings no OpenBLAS")
def test_theano_is_linked_to_the_blas_of_numpy():
    name = NUMPY_BLAS[0].name
    assert f"-l{name[len('lib') : -len('.so')]}" in theano.config.blas__ldflags
    assert blas_library() == f"{name} (from numpy)"


def test_theano_is_theano_itself_and_not_the_folder_of_that_name():
    assert theano.__name__ == "theano"
    assert sys.modules["course_lib.backend.theano"].theano is theano


def test_the_flags_of_the_user_win_over_those_of_the_course():
    code = "from course_lib.backend import floatX; print(floatX(1).dtype)"
    # No C++ compiler, so that nothing is compiled for this other setting.
    flags = f"floatX=float64,cxx=,base_compiledir={theano.config.base_compiledir}"
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env={**os.environ, "THEANO_FLAGS": flags},
        capture_output=True,
        text=True,
    )
    assert result.stdout.strip() == "float64", result.stderr


# --- folders ------------------------------------------------------------------------------


@pytest.fixture
def private(tmp_path, monkeypatch):
    """The private folder of a pretended temp folder, not yet made."""
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: str(temp))
    return temp / f"rnn-course-{os.getuid()}"


@pytest.fixture
def library(tmp_path):
    path = tmp_path / "a b" / "libopenblas.so"
    path.parent.mkdir()
    path.touch()
    return path


def test_a_library_in_a_folder_that_linkers_can_name_is_linked_there(tmp_path, private):
    assert folders.linkable(tmp_path / "libopenblas.so") == tmp_path
    assert not private.exists()


def test_a_library_in_an_odd_folder_is_linked_from_one_of_this_user_alone(library, private):
    folder = folders.linkable(library)
    assert (folder / library.name).resolve() == library
    assert stat.S_IMODE(private.lstat().st_mode) == 0o700
    assert folders.linkable(library) == folder


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o701, 0o740])
def test_a_folder_for_links_that_others_can_enter_is_not_used(library, private, mode):
    private.mkdir()
    private.chmod(mode)
    assert folders.linkable(library) is None


def test_a_folder_for_links_that_is_itself_a_link_is_not_used(library, private, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    private.symlink_to(elsewhere)
    assert folders.linkable(library) is None
    assert list(elsewhere.iterdir()) == []


def test_a_folder_for_links_of_another_user_is_not_used(library, private, monkeypatch):
    private.mkdir(mode=0o700)
    someone = os.getuid() + 1
    folder = private.rename(private.with_name(f"rnn-course-{someone}"))
    monkeypatch.setattr(folders.os, "getuid", lambda: someone)
    assert folders.linkable(library) is None
    assert list(folder.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_for_links_is_left_alone(library, private):
    private.write_text("mine")
    assert folders.linkable(library) is None
    assert private.read_text() == "mine"


@pytest.mark.parametrize("other", ["link", "file"])
def test_a_link_that_leads_to_another_library_is_not_used(library, private, other):
    link = folders.linkable(library) / library.name
    link.unlink()
    if other == "link":
        link.symlink_to(library.with_name("libevil.so"))
    else:
        link.touch()
    assert folders.linkable(library) is None


def test_a_temp_folder_with_an_odd_name_is_of_no_use_for_links(library, monkeypatch):
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: str(library.parent))
    assert folders.linkable(library) is None


NAMES = "compiledir_*"


@pytest.fixture
def home(tmp_path, monkeypatch, private):
    """A home of its own, the project in another folder, and no settings of the user."""
    for name in ("THEANO_FLAGS", "THEANORC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(folders, "PROJECT", tmp_path / "project")
    return tmp_path / "home"


def block(folder):
    """Let `folder` be one that nobody can write to, root neither: a file."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.touch()


def test_a_home_that_can_be_written_to_keeps_compiled_code(home, capsys):
    assert folders.for_compiled_code(NAMES) is None
    assert capsys.readouterr().err == ""


def test_compiled_code_moves_to_the_project_if_the_home_cannot_be_written_to(home, capsys):
    block(home)
    folder = folders.for_compiled_code(NAMES)
    assert folder == folders.PROJECT / ".home/.theano" and folder.is_dir()
    (line,) = capsys.readouterr().err.splitlines()
    assert str(folder) in line and f"{home}/.theano cannot be written to" in line


def test_compiled_code_moves_if_root_has_left_a_folder_in_the_home(home):
    block(home / ".theano/compiledir_3.10")
    assert folders.for_compiled_code(NAMES) == folders.PROJECT / ".home/.theano"
    assert folders.for_compiled_code("compiledir_*-other_processor") is None


def test_compiled_code_moves_to_a_private_folder_if_the_project_cannot_be_written_to(home, private):
    block(home)
    block(folders.PROJECT)
    assert folders.for_compiled_code(NAMES) == private / "theano"
    assert stat.S_IMODE(private.lstat().st_mode) == 0o700


def test_without_any_folder_for_compiled_code_the_error_says_what_to_do(home, private):
    for folder in (home, folders.PROJECT, private):
        block(folder)
    with pytest.raises(PermissionError, match="export THEANO_FLAGS=base_compiledir=") as error:
        folders.for_compiled_code(NAMES)
    assert f"{home}/.theano, {folders.PROJECT}/.home/.theano: " in str(error.value)


@pytest.mark.parametrize("name", ["base_compiledir", "compiledir"])
def test_a_place_for_compiled_code_that_the_user_names_wins(home, monkeypatch, tmp_path, name):
    block(home)
    rc = tmp_path / "theanorc"
    rc.write_text(f"[global]\n{name} = /mine/%(USER)s\n")
    with monkeypatch.context() as settings:
        settings.setenv("THEANORC", f"/none{os.pathsep}{rc}")
        assert folders.for_compiled_code(NAMES) is None
    with monkeypatch.context() as settings:
        settings.setenv("THEANO_FLAGS", f"floatX=float64,{name}='/mine, too'")
        assert folders.for_compiled_code(NAMES) is None
    assert folders.for_compiled_code(NAMES)


def test_in_a_home_that_cannot_be_written_to_functions_are_compiled_all_the_same(tmp_path):
    """Even where the path of the project has a blank and a comma."""
    project = tmp_path / "a, project"
    shutil.copytree(ROOT / "course_lib", project / "course_lib")
    block(tmp_path / "home")
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", COMPILE],
        cwd=project,
        env={
            **os.environ,
            "HOME": str(tmp_path / "home"),
            "THEANO_FLAGS": "",
            "PYTHONPATH": "",
        },
        capture_output=True,
        text=True,
    )
    assert result.stdout.strip() == "0.0", result.stderr
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("Compiled code is kept in")
    assert list((project / ".home/.theano").glob("compiledir_*"))


# --- processes ----------------------------------------------------------------------------


def test_every_blas_in_the_process_has_one_thread():
    """Also in scipy's own copy: a second thread mostly waits, and keeps a core busy with it."""
    script = (
        "import ctypes, course_lib.backend, glob, numpy, os;"
        "site = os.path.dirname(os.path.dirname(numpy.__file__));"
        "libraries = glob.glob(os.path.join(site, '*.libs', 'libopenblas*.so'));"
        "print([ctypes.CDLL(path).openblas_get_num_threads() for path in libraries])"
    )
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(json.loads(result.stdout)) <= {1}, result.stdout


@pytest.mark.parametrize("op, kind", [("Mul", T.mul), ("Add", T.add)])
def test_three_arrays_are_not_joined_one_number_at_a_time(monkeypatch, op, kind):
    calls = []
    scalar_op = getattr(theano.scalar.basic, op)
    impl = scalar_op.impl
    monkeypatch.setattr(scalar_op, "impl", lambda *numbers: calls.append(1) or impl(*numbers))
    arrays = [T.vector() for _ in range(3)]
    joined = function(arrays, kind(*arrays))(*[floatX(np.arange(10) + k) for k in range(3)])
    assert joined.shape == (10,) and len(calls) < 10


COMPILE = """
from course_lib.backend import T, floatX, function
x = T.matrix("x")
print(function([x], T.tanh(x) + x)(floatX([[0.0]])).item())
"""


def test_two_processes_compile_at_once_into_one_empty_cache(tmp_path):
    environment = {**os.environ, "THEANO_FLAGS": f"base_compiledir={tmp_path}"}
    both = [
        subprocess.Popen([sys.executable, "-c", COMPILE], env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    assert [process.communicate()[0].split() for process in both] == [[b"0.0"], [b"0.0"]]
