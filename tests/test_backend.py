"""Theano is set up as promised: BLAS, flags, numbers, and the few wrapped functions."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib.backend import (
    T,
    affine,
    blas_library,
    floatX,
    function,
    log_softmax,
    new_rng,
    scan,
    set_random_seed,
    shared,
    sigmoid,
    softmax,
    softplus,
    split,
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


def test_without_theano_the_import_says_what_to_do():
    code = "import sys; sys.modules['theano'] = None; import course_lib"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "ImportError: course_lib needs Theano" in result.stderr
    assert "requirements.lock" in result.stderr


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


def test_the_course_calculates_in_single_precision():
    assert theano.config.floatX == "float32"
    assert floatX([1, 2]).dtype == np.float32


# --- numbers ------------------------------------------------------------------------------

SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, 1.0, 100.0, -100.0] * 8, dtype="float32")


@pytest.fixture(scope="module")
def elementwise():
    """Functions of one vector, compiled with the course's flags."""
    x = T.vector("x")
    compiled = function([x], [T.tanh(x), sigmoid(x), softplus(x), T.exp(x)])
    return lambda x: dict(zip(["tanh", "sigmoid", "softplus", "exp"], compiled(x)))


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "exp"])
def test_nan_stays_nan(elementwise, name):
    assert np.array_equal(np.isnan(elementwise(SPECIAL)[name]), np.isnan(SPECIAL))


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")
@pytest.mark.parametrize(
    "name, formula",
    [
        ("tanh", np.tanh),
        ("sigmoid", lambda a: 1 / (1 + np.exp(-a))),
        ("softplus", lambda a: np.logaddexp(0, a)),
    ],
)
def test_functions_agree_with_numpy_up_to_infinity(elementwise, name, formula):
    grid = np.linspace(-20, 20, 1001, dtype="float32")
    x = np.concatenate([SPECIAL, grid])
    expected = formula(x.astype(float))
    np.testing.assert_allclose(elementwise(x)[name], expected, rtol=2e-6, atol=1e-6)


def test_denormal_numbers_stay_switched_on(elementwise):
    elementwise(SPECIAL)
    assert np.float32(1e-40) * np.float32(1) != 0
    assert np.float64(1e-310) * np.float64(1) != 0


def numpy_softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@pytest.mark.parametrize(
    "shape, axis", [((4,), -1), ((3, 4), -1), ((3, 4), 0), ((2, 3, 4), 1), ((2, 3, 4, 2), -1)]
)
def test_softmax_sums_to_1_along_any_axis_even_of_huge_numbers(shape, axis, float64):
    x = np.random.default_rng(0).normal(size=shape)
    symbol = T.TensorType("float64", [False] * len(shape))()
    probabilities, logs = softmax(symbol, axis), log_softmax(symbol, axis)
    run = function([symbol], [probabilities, logs])
    np.testing.assert_allclose(run(x)[0], numpy_softmax(x, axis), atol=1e-12)
    np.testing.assert_allclose(run(x)[1], np.log(numpy_softmax(x, axis)), atol=1e-12)
    huge = run(1e4 * x)
    np.testing.assert_allclose(huge[0].sum(axis=axis), 1)
    assert np.isfinite(huge[1]).all()


# --- wrapped functions --------------------------------------------------------------------


@pytest.mark.parametrize("op, kind", [("Mul", T.mul), ("Add", T.add)])
def test_three_arrays_are_not_joined_one_number_at_a_time(monkeypatch, op, kind):
    calls = []
    scalar_op = getattr(theano.scalar.basic, op)
    impl = scalar_op.impl
    monkeypatch.setattr(scalar_op, "impl", lambda *numbers: calls.append(1) or impl(*numbers))
    arrays = [T.vector() for _ in range(3)]
    joined = function(arrays, kind(*arrays))(*[floatX(np.arange(10) + k) for k in range(3)])
    assert joined.shape == (10,) and len(calls) < 10


def test_affine_is_a_product_and_a_bias_with_their_gradients(float64):
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5)), rng.normal(size=5)
    X, weights, bias = T.tensor3(), T.matrix(), T.vector()
    y = affine(X, weights, bias)
    run = function([X, weights, bias], [y, *theano.grad(y.sum(), [X, weights, bias])])
    value, dX, dW, db = run(x, W, b)
    np.testing.assert_allclose(value, x @ W + b, atol=1e-12)
    np.testing.assert_allclose(dX, np.broadcast_to(W.sum(axis=1), x.shape), atol=1e-12)
    np.testing.assert_allclose(dW, np.repeat(x.sum(axis=(0, 1))[:, None], 5, axis=1), atol=1e-12)
    np.testing.assert_allclose(db, np.full(5, 6.0), atol=1e-12)


def test_split_cuts_the_last_axis():
    x = T.matrix()
    first, second = function([x], split(x, 2, 3))(floatX(np.arange(12).reshape(2, 6)))
    assert first.tolist() == [[0, 1, 2], [6, 7, 8]]
    assert second.tolist() == [[3, 4, 5], [9, 10, 11]]


def test_scan_returns_only_its_outputs():
    x = T.vector("x")
    totals = scan(lambda x_t, total: total + x_t, sequences=x, outputs_info=T.zeros(()))
    assert function([x], totals)([1, 2, 3]).tolist() == [1, 3, 6]


def test_scan_refuses_a_step_that_changes_shared_variables():
    counter = shared(floatX(0))

    def step(x_t):
        return x_t, {counter: counter + 1}

    with pytest.raises(ValueError, match="shared variables.*theano.scan"):
        scan(step, sequences=T.vector())


# --- random numbers -----------------------------------------------------------------------


def test_a_seed_repeats_all_later_generators():
    set_random_seed(5)
    first = [new_rng().normal(), new_rng().normal()]
    set_random_seed(5)
    assert [new_rng().normal(), new_rng().normal()] == first
    assert first[0] != first[1]


def test_the_seed_is_set_from_the_package_itself():
    assert course_lib.set_random_seed is set_random_seed


def test_numpys_own_random_numbers_are_left_alone():
    np.random.seed(1)
    expected = np.random.rand()
    np.random.seed(1)
    set_random_seed(2)
    new_rng().normal()
    assert np.random.rand() == expected


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
