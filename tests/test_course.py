"""course.py, without network and without installing anything.

Each test has a copy of the front door in a folder of its own (with a space in its path) and a
PATH on which every program is a stand-in: a Python that answers what the test wants, makes
pretended virtual environments, and whose pip "installs" by writing down names and versions; and
a uv that does the same.
"""

import ast
import errno
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import course as real_course

fcntl = pytest.importorskip("fcntl", reason="the stand-ins are shell scripts")

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable

LOCK = """\
numpy==1.21.6
setuptools==80.8.0
tomli==2.5.0 ; python_full_version < '3.10'
tqdm==4.70.1
"""

STAND_IN = '''\
"""What a pretended Python or uv does, given the path that it was called by and its arguments."""
import os, pathlib, shutil, signal, sys

me, *arguments = sys.argv[1:]
call = " ".join(arguments)
is_uv = me.endswith("uv")
behavior = os.environ.get("FAKE_UV" if is_uv else "FAKE_PIP", "")
with open(os.environ["FAKE_LOG"], "a") as log:
    print("uv " + call if is_uv else call, file=log)
python = arguments[arguments.index("--python") + 1] if is_uv else me
if " --clear " in call:
    venv = pathlib.Path(arguments[-1])
    shutil.rmtree(venv, ignore_errors=True)
    (venv / "bin").mkdir(parents=True)
    shutil.copy(python, venv / "bin" / "python")
elif "--target=/" in call and "FAKE_FETCHED_UV" in os.environ:
    bin = pathlib.Path(arguments[-2].partition("=")[2]) / "bin"
    bin.mkdir(parents=True)
    shutil.move(os.environ["FAKE_FETCHED_UV"], bin / "uv")
elif "-r requirements.lock" in call:
    sys.path.insert(0, os.getcwd())
    import course

    site = pathlib.Path(python).parent.parent / "lib/python3.10/site-packages"
    for name, version in course.pins("3.10.13").items():
        print(f"Collecting {name}=={version}", flush=True)
        if behavior == "fails":
            sys.exit("ERROR: No matching distribution found for numpy")
        if behavior == "is interrupted":
            os.kill(os.getppid(), signal.SIGINT)
            signal.pause()  # until it is told to end, too
        if behavior in ("is killed", "is killed and its pip lives on"):
            os.kill(os.getppid(), signal.SIGKILL)
        if behavior == "is killed and its pip lives on":
            open(os.environ["FAKE_FIFO"]).read()
            break
        package = site / f"{name}-{version}.dist-info"
        package.mkdir(parents=True, exist_ok=True)
        (package / "METADATA").write_text(f"Name: {name}\\nVersion: {version}\\n")
elif "course_lib.cli doctor" in call:
    print(os.environ.get("FAKE_DOCTOR", "[ok] BLAS link"))
    sys.exit(int(os.environ.get("FAKE_STATUS", "0")))
elif "-m pytest" in call:
    print("in", os.getcwd(), "with", arguments[2:])
    sys.exit(int(os.environ.get("FAKE_STATUS", "0")))
'''


class House:
    """A copy of the front door and the stand-ins around it."""

    def __init__(self, folder):
        self.root = folder / "clone x"
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.log = folder / "log"
        self.venv = self.root / ".venv"
        for path in (self.root, self.bin, self.home):
            path.mkdir()
        shutil.copy(ROOT / "course.py", self.root)
        (self.root / "requirements.lock").write_text(LOCK)
        (self.root / "pyproject.toml").write_text("")
        (folder / "stand_in.py").write_text(STAND_IN)
        self.log.write_text("")
        self.script("g++", "exit 0")

    def script(self, name, line):
        path = self.bin / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
        return path

    def python(self, name, version="3.10.13", headers=True, ensurepip=True):
        """A stand-in for an interpreter. `name` may be a path."""
        path = self.bin / name
        facts = json.dumps([str(path), version, headers, ensurepip])
        answer_probe = f"case \"$*\" in *' -c '*) echo '{facts}'; exit;; esac"
        stand_in = self.bin.parent / "stand_in.py"
        return self.script(name, f'{answer_probe}\nexec "{PYTHON}" -S "{stand_in}" "$0" "$@"')

    def uv(self, name="uv"):
        """A stand-in for uv, which has no Pythons of its own."""
        answers = "case $1 in --version) exit;; python) exit 1;; esac"
        stand_in = self.bin.parent / "stand_in.py"
        return self.script(name, f'{answers}\nexec "{PYTHON}" -S "{stand_in}" "$0" "$@"')

    def start(self, *arguments, stdout=subprocess.PIPE, **environment):
        """Run course.py as a Python would that has nothing installed (-S)."""
        environment.setdefault("COURSE_PYTHON", str(self.bin / "python3.10"))
        return subprocess.Popen(
            [PYTHON, "-S", str(self.root / "course.py"), *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd="/",
            env={**self.environment(), **environment},
            # A test run in the background of a shell ignores Ctrl-C, and passes that on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def run(self, *arguments, **environment):
        process = self.start(*arguments, **environment)
        stdout, stderr = process.communicate(timeout=30)
        return types.SimpleNamespace(returncode=process.returncode, stdout=stdout, stderr=stderr)

    def environment(self):
        return {"PATH": str(self.bin), "HOME": str(self.home), "FAKE_LOG": str(self.log)}

    def calls(self):
        """What the stand-ins were asked to do since the last time, probes left out."""
        lines = self.log.read_text().splitlines()
        self.log.write_text("")
        return lines

    def makes_venv(self):
        return any(" --clear " in call for call in self.calls())


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def course(house, monkeypatch):
    """The copy of course.py as a module, in a process without interpreters of its own."""
    names = ["COURSE_BACKEND", "COURSE_PYTHON", "PYENV_ROOT", "CXX", "PYTHONPATH"]
    for name in [*names, "XDG_DATA_HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"]:
        monkeypatch.delenv(name, raising=False)
    for name, value in house.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "executable", str(house.bin / "none"))
    monkeypatch.setattr(os, "execv", lambda *command: pytest.fail(f"handed over to {command}"))
    return load(house, monkeypatch)


def load(house, monkeypatch):
    spec = importlib.util.spec_from_file_location("course_copy", house.root / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "has_own_environment", lambda: False)
    return module


def exit_message(course, monkeypatch):
    """What `course.py test` says when it gives up; nothing may be left behind."""
    monkeypatch.setattr(sys, "argv", ["course.py", "test"])
    with pytest.raises(SystemExit) as stop:
        course.main()
    assert not course.VENV.exists()
    return stop.value.code  # as sys.exit takes it: text is printed, and the status is 1


# --- Finding a Python -------------------------------------------------------------------------


def test_a_shim_that_fails_is_passed_over_for_the_python_in_pyenvs_folder(house, course):
    house.script("python3.10", "echo 'pyenv: python3.10: command not found' >&2; exit 127")
    real = house.python(house.home / ".pyenv/versions/3.10.13/bin/python")
    assert course.find_python().path == str(real)


def test_pyenv_is_looked_for_in_its_own_variable(house, course, monkeypatch, tmp_path):
    real = house.python(tmp_path / "py env/versions/3.9.18/bin/python", "3.9.18")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "py env"))
    assert course.find_python().path == str(real)


@pytest.mark.parametrize("kind", ["a file", "too long a name", "forbidden"])
def test_a_pyenv_root_that_cannot_be_read_is_passed_over(house, course, monkeypatch, kind):
    real = house.python("python3.10")
    root = str(house.log) if kind == "a file" else "/" + "x" * 5000
    if kind == "forbidden":  # which nothing is to root

        def forbid(path):
            raise PermissionError(errno.EACCES, "Permission denied", path)

        root = str(house.home)
        monkeypatch.setattr(course.Path, "glob", lambda path, pattern: forbid(path))
        monkeypatch.setattr(os, "scandir", forbid)
    monkeypatch.setenv("PYENV_ROOT", root)
    assert course.find_python().path == str(real)


def test_an_answer_that_makes_no_sense_is_passed_over(house, course):
    house.script("python3.10", "echo Welcome")
    assert course.find_python() is None


def test_a_python_of_another_version_is_not_used(house, course):
    house.python("python3", "3.8.18")
    house.python("python3.10", "3.15.0")
    assert course.find_python() is None


NO_HEADERS, NO_ENSUREPIP = {"headers": False}, {"ensurepip": False}


@pytest.mark.parametrize(
    ("best", "other"),
    [
        (("3.10.0", {}), ("3.9.18", {})),
        (("3.9.18", {}), ("3.10.13", NO_HEADERS)),
        # Theano before PyTensor, if it can compile
        (("3.9.18", {}), ("3.12.1", {})),
        (("3.12.1", NO_HEADERS), ("3.10.13", NO_HEADERS)),
        (("3.12.1", NO_HEADERS), ("3.10.13", NO_ENSUREPIP)),
        (("3.10.13", NO_HEADERS), ("3.12.1", NO_ENSUREPIP)),
        # The one tried most first, the one with an older PyTensor last
        (("3.12.1", {}), ("3.14.0", {})),
        (("3.13.0", {}), ("3.14.0", {})),
        (("3.14.0", {}), ("3.11.7", {})),
        (("3.11.7", {}), ("3.12.1", NO_ENSUREPIP)),
    ],
)
def test_the_best_of_two_pythons_is_found(house, course, best, other):
    for version, facts in (best, other):
        house.python(f"python{version.rpartition('.')[0]}", version, **facts)
    assert course.find_python().version == best[0]


@pytest.mark.parametrize(
    ("backend", "version"), [("", "3.12.1"), ("theano", "3.10.13"), ("pytensor", "3.12.1")]
)
def test_without_a_compiler_pytensor_is_the_choice_unless_theano_is_asked_for(
    house, course, monkeypatch, backend, version
):
    (house.bin / "g++").unlink()
    house.python("python3.10")
    house.python("python3.12", "3.12.1")
    monkeypatch.setenv("COURSE_BACKEND", backend)
    assert course.find_python().version == version


def test_course_backend_comes_before_the_preferred_python(house, course, monkeypatch):
    house.python("python3.10")
    house.python("python3.13", "3.13.0", headers=False)
    monkeypatch.setenv("COURSE_BACKEND", "pytensor")
    assert course.find_python().version == "3.13.0"


def test_course_python_may_be_of_either_backend_but_not_of_another_than_asked_for(
    house, course, monkeypatch
):
    monkeypatch.setenv("COURSE_PYTHON", str(house.python("python3.12", "3.12.1")))
    assert course.find_python().backend is course.BACKENDS["pytensor"]
    monkeypatch.setenv("COURSE_BACKEND", "theano")
    message = exit_message(course, monkeypatch)
    assert f"a working Python 3.9 to 3.10 as COURSE_PYTHON, which is {house.bin}" in message


def test_an_unknown_backend_gives_one_sentence(course, monkeypatch):
    monkeypatch.setenv("COURSE_BACKEND", "jax")
    message = exit_message(course, monkeypatch)
    assert message == "COURSE_BACKEND is jax; it can be theano or pytensor."


def test_course_python_comes_before_all_others(house, course, monkeypatch, tmp_path):
    house.python("python3.10")
    mine = house.python(tmp_path / "my python", "3.9.2")
    monkeypatch.setenv("COURSE_PYTHON", str(mine))
    assert course.find_python().path == str(mine)


def test_a_python_that_uv_has_is_found(house, course):
    managed = house.python(house.home / "uv/python3.10")
    house.script("uv", f"echo '{managed}'")
    assert course.find_python().path == str(managed)


def test_a_uv_that_only_fails_is_passed_over_for_the_one_in_its_installers_folder(house, course):
    house.script("uv", "echo 'pyenv: uv: command not found' >&2; exit 127")
    installed = house.uv(house.home / ".local/bin/uv")
    assert course.find_uv() == str(installed)


def test_the_probe_tells_the_truth_about_a_real_python(course):
    real = course.probe(sys._base_executable)
    assert real.version == "{}.{}.{}".format(*sys.version_info)
    assert real.series == "{}.{}".format(*sys.version_info)


def test_the_probe_sees_through_a_virtual_environment(course, tmp_path):
    subprocess.run(
        [sys._base_executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True
    )
    assert Path(course.probe(str(tmp_path / "v/bin/python")).path).parent != tmp_path / "v/bin"


# --- On Windows, as far as it can be pretended ------------------------------------------------


@pytest.fixture
def windows(house, course, monkeypatch):
    """The copy of course.py as a module that takes this system for Windows."""
    path = house.root / "course.py"
    source = path.read_text(encoding="utf-8")
    assert 'os.name == "nt"' in source
    path.write_text(source.replace('os.name == "nt"', "True", 1), encoding="utf-8")
    monkeypatch.setitem(
        sys.modules, "msvcrt", types.SimpleNamespace(LK_NBLCK=2, locking=lambda *lock: None)
    )
    return load(house, monkeypatch)


def test_on_windows_pytensor_is_the_first_choice(house, windows):
    house.python("python3.10")
    house.script("py", f"shift; exec '{house.python('python3.12', '3.12.1')}' \"$@\"")
    line = str(windows.python_requirement(windows.find_python(), is_own=False))
    assert line.startswith("[ok] PyTensor on Python 3.12.1") and line.endswith("the first choice")


def test_on_windows_the_commands_to_type_begin_with_py(windows, monkeypatch):
    assert "run py course.py doctor" in windows.advice("")
    assert "winget install astral-sh.uv" in exit_message(windows, monkeypatch)


def test_on_windows_a_second_set_up_waits_for_the_first(windows, monkeypatch, capsys):
    tries = iter([PermissionError(errno.EACCES, "Permission denied")] * 2)

    def locking(file, mode, size):
        for error in tries:
            raise error

    monkeypatch.setattr(windows.msvcrt, "locking", locking)
    monkeypatch.setattr(windows.time, "sleep", lambda seconds: None)
    with windows.only_one_set_up():
        assert not list(tries)
    assert capsys.readouterr().out.startswith("Another set-up is under way")


def test_on_windows_ctrl_c_is_left_to_the_program_that_was_handed_over_to(windows, monkeypatch):
    def call(command):
        signal.raise_signal(signal.SIGINT)  # the console sends it to all of its programs
        return 5

    monkeypatch.setattr(windows.subprocess, "call", call)
    monkeypatch.setattr(windows, "is_ready", lambda: True)
    monkeypatch.chdir(windows.ROOT)
    monkeypatch.setenv("PYTHONPATH", "")
    before = signal.getsignal(signal.SIGINT)
    try:
        assert windows.hand_over("-m", "jupyterlab") == 5
    finally:
        signal.signal(signal.SIGINT, before)


# --- One sentence for each missing piece ------------------------------------------------------


def test_without_a_python_there_is_one_sentence_with_a_remedy(course, monkeypatch):
    message = exit_message(course, monkeypatch)
    assert "needs Python 3.9 to 3.14. To mend it: " in message
    assert "install uv, which then fetches a Python" in message
    assert message.endswith("run the same command again")
    assert "\n" not in message


def test_an_unusable_course_python_is_not_silently_ignored(house, course, monkeypatch):
    house.python("python3.10")
    monkeypatch.setenv("COURSE_PYTHON", "/no/such python")
    message = exit_message(course, monkeypatch)
    assert "COURSE_PYTHON, which is /no/such python" in message
    assert "unset COURSE_PYTHON" in message


LACKING = [(NO_HEADERS, "Python.h", "dev"), (NO_ENSUREPIP, "ensurepip", "venv")]


@pytest.mark.parametrize(("facts", "what", "suffix"), LACKING)
def test_a_part_that_debian_has_is_mended_by_its_package(
    house, course, monkeypatch, facts, what, suffix
):
    house.python("python3.9", "3.9.18", **facts)
    house.script("apt-cache", f'test "$*" = "show python3.9-{suffix}"')
    message = exit_message(course, monkeypatch)
    assert message.endswith(
        f"{what} of Python 3.9. To mend it: sudo apt install python3.9-{suffix}"
    )


@pytest.mark.parametrize(("facts", "what", "suffix"), LACKING)
def test_a_part_that_debian_does_not_have_is_mended_by_another_python(
    house, course, monkeypatch, facts, what, suffix
):
    python = house.python("python3.10", **facts)
    house.script("apt-cache", "exit 100")
    message = exit_message(course, monkeypatch)
    assert f"{what} of Python 3.10. To mend it: install uv" in message
    monkeypatch.setenv("COURSE_PYTHON", str(python))
    assert "To mend it: unset COURSE_PYTHON" in exit_message(course, monkeypatch)


def test_uv_needs_no_ensurepip(house, course, monkeypatch):
    house.python("python3.10", ensurepip=False)
    house.uv()
    monkeypatch.setattr(course, "build", lambda python: sys.exit(python.version))
    assert exit_message(course, monkeypatch) == "3.10.13"


@pytest.mark.parametrize(
    ("backend", "fetched"), [("", "3.12"), ("theano", "3.10"), ("pytensor", "3.12")]
)
def test_uv_fetches_a_python_where_the_one_that_is_there_lacks_a_part(
    house, course, monkeypatch, backend, fetched
):
    house.python("python3.10", headers=False)
    whole = house.python(house.home / "uv/python", f"{fetched}.1")
    wish = house.home / "fetched"
    house.script(
        "uv",
        f"""case $2 in
        install) echo $3 > '{wish}';;
        find) echo '{whole}'; test -e '{wish}';;
        esac""",
    )
    monkeypatch.setenv("COURSE_BACKEND", backend)
    monkeypatch.setattr(course, "build", lambda python: sys.exit(python.path))
    assert exit_message(course, monkeypatch) == str(whole)
    assert wish.read_text() == f"{fetched}\n"


def test_without_a_compiler_there_is_one_sentence_with_a_remedy(house, course, monkeypatch):
    house.python("python3.10")
    (house.bin / "g++").unlink()
    message = exit_message(course, monkeypatch)
    assert "a C++ compiler (g++ or clang++). To mend it: " in message


def test_a_compiler_that_only_fails_does_not_count(house, course, monkeypatch):
    house.python("python3.10")
    house.script("g++", "echo 'xcode-select: no developer tools were found' >&2; exit 1")
    assert "a C++ compiler" in exit_message(course, monkeypatch)


def test_the_compiler_of_conda_counts(house, course, monkeypatch):
    (house.bin / "g++").rename(house.bin / "x86_64-conda-linux-gnu-c++")
    monkeypatch.setenv("CXX", "x86_64-conda-linux-gnu-c++")
    python = course.Interpreter("/x", "3.10.13", True, True)
    lines = [str(needed) for needed in course.machine_requirements(python, 0)]
    assert "[ok] a C++ compiler (x86_64-conda-linux-gnu-c++)" in lines


def test_a_full_disk_is_noticed_before_anything_is_installed(house, course, monkeypatch):
    house.python("python3.10")
    usage = types.SimpleNamespace(free=0.2e9)
    monkeypatch.setattr(course.shutil, "disk_usage", lambda path: usage)
    assert "1.5 GB of free disk space (0.2 GB are free)" in exit_message(course, monkeypatch)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_folder_that_cannot_be_written_to_gives_one_sentence_with_a_remedy(
    course, monkeypatch, capsys, code
):
    def refuse(path, mode, encoding):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(course, "open", refuse, raising=False)
    monkeypatch.setattr(sys, "argv", ["course.py", "test"])
    assert course.main() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{course.ROOT / '.venv.lock'}'. To mend it: copy {course.ROOT} to a folder" in line


def test_a_file_that_pip_cannot_write_to_gives_the_same_remedy(course):
    said = course.advice("ERROR: Could not install: [Errno 13] Permission denied: '/x/.venv/bin'")
    assert said.endswith(f"{course.OTHER_FOLDER}.")


def test_the_doctor_tells_of_a_folder_that_cannot_be_written_to(course, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path != course.ROOT)
    lines = [str(needed) for needed in course.machine_requirements(None, 0)]
    assert f"[missing] permission to write to {course.ROOT}: {course.OTHER_FOLDER}" in lines


# --- Setting up -------------------------------------------------------------------------------


@pytest.fixture
def ready(house):
    """A house whose .venv is complete."""
    house.python("python3.10")
    assert house.run("test").returncode == 0
    assert house.makes_venv()
    return house


def test_the_first_command_makes_venv_and_runs_in_it(house):
    house.python("python3.10")
    done = house.run("test", "-k", "two words")
    assert done.stdout.splitlines()[-1] == f"in {house.root} with ['-k', 'two words']"
    assert (done.returncode, done.stderr) == (0, "")


def test_the_second_command_sets_nothing_up(ready):
    assert ready.run("test").stdout == f"in {ready.root} with []\n"
    assert ready.calls() == ["-m pytest"]


def test_the_exit_status_is_that_of_pytest(ready):
    assert ready.run("test", FAKE_STATUS="3").returncode == 3


SENT_ASTRAY = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_HASHES", "PIP_PYTHON")
SENT_ASTRAY += ("UV_CONSTRAINT", "UV_EXCLUDE_NEWER", "UV_NO_BINARY", "UV_PYTHON", "UV_CONFIG_FILE")
REACHING = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_PROXY", "HTTPS_PROXY", "PIP_CERT")
REACHING += ("PIP_CACHE_DIR", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT", "SSL_CERT_FILE")
REACHING += ("UV_DEFAULT_INDEX", "UV_INDEX_MINE_PASSWORD", "UV_FIND_LINKS", "UV_SYSTEM_CERTS")
REACHING += ("UV_CACHE_DIR", "UV_HTTP_TIMEOUT", "UV_PYTHON_INSTALL_MIRROR", "UV_INSECURE_HOST")


@pytest.mark.parametrize("name", SENT_ASTRAY)
def test_a_setting_that_leads_an_installer_astray_does_not_reach_it(course, monkeypatch, name):
    monkeypatch.setenv(name, "/x")
    assert name not in course.installer_environment()


def test_an_index_that_pip_must_use_is_the_one_that_uv_uses(course, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    settings = course.installer_environment()
    assert settings["UV_DEFAULT_INDEX"] == "https://packages.example/simple"


def test_uv_keeps_an_index_of_its_own(course, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.example/simple")
    assert course.installer_environment()["UV_DEFAULT_INDEX"] == "https://other.example/simple"


@pytest.mark.parametrize("name", REACHING)
def test_a_setting_that_says_how_to_reach_an_index_stays(course, monkeypatch, name):
    monkeypatch.setenv(name, "/x")
    assert course.installer_environment()[name] == "/x"


def test_what_a_configuration_file_says_about_folders_is_overruled(house):
    house.python("python3.10")
    house.uv()
    house.run("test", FAKE_UV="fails")
    installs = [call for call in house.calls() if "pip install" in call]
    pips = [call for call in installs if not call.startswith("uv ")]
    assert pips and all(f"--target= --prefix={house.venv}" in call for call in pips)
    assert all("--no-config" in call for call in set(installs) - set(pips))


def test_uv_sets_up_where_it_is_at_hand(house):
    house.python("python3.10")
    house.uv()
    assert house.run("test").returncode == 0
    assert not [call for call in house.calls() if "-m pip" in call or "-m venv" in call]


def test_uv_is_fetched_with_pip_and_kept_for_the_next_set_up(house):
    house.python("python3.10")
    fetched = house.uv(house.home / "uv")
    for calls_of_pip in (1, 0):
        assert house.run("test", FAKE_FETCHED_UV=str(fetched)).returncode == 0
        assert sum("-m pip" in call for call in house.calls()) == calls_of_pip
        (house.root / "requirements.lock").write_text(LOCK + "wcwidth==0.9.4\n")


def test_pip_takes_over_with_one_line_where_uv_reaches_no_index(house):
    house.python("python3.10")
    house.uv()
    done = house.run("test", FAKE_UV="fails")
    assert (done.returncode, done.stderr) == (0, "")
    assert "uv could not install all packages; now pip tries ...\n" in done.stdout


@pytest.mark.parametrize("name", ["PYTHONHOME", "PYTHONPATH", "PYTHONWARNINGS"])
def test_what_is_meant_for_another_python_reaches_no_step_and_no_command(course, monkeypatch, name):
    monkeypatch.setenv(name, "/x")
    monkeypatch.setattr(course, "hand_over", lambda *arguments: os.environ.get(name))
    monkeypatch.setattr(sys, "argv", ["course.py", "test"])
    assert course.main() is None


def test_a_failing_pip_shows_its_last_words_and_some_advice(house):
    house.python("python3.10")
    done = house.run("test", FAKE_PIP="fails")
    *_, last_words, advice = done.stderr.splitlines()
    assert last_words == "ERROR: No matching distribution found for numpy"
    assert "check the network" in advice
    assert done.returncode == 1


def test_ctrl_c_gives_one_line_and_status_130(house):
    house.python("python3.10")
    done = house.run("test", FAKE_PIP="is interrupted")
    assert done.stdout.splitlines()[-1].startswith("Interrupted")
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize(
    ("installer", "accident", "status"),
    [
        ("PIP", "fails", 1),
        ("PIP", "is interrupted", 130),
        ("PIP", "is killed", -signal.SIGKILL),
        ("UV", "is interrupted", 130),
        ("UV", "is killed", -signal.SIGKILL),
    ],
)
def test_an_unfinished_set_up_is_made_anew_by_the_next_command(house, installer, accident, status):
    house.python("python3.10")
    if installer == "UV":
        house.uv()
    assert house.run("test", **{f"FAKE_{installer}": accident}).returncode == status
    house.calls()
    assert house.run("test").returncode == 0
    assert house.makes_venv()


def test_a_damaged_python_in_venv_is_replaced(ready):
    (ready.venv / "bin/python").write_text("garbage")
    assert ready.run("test").returncode == 0
    assert ready.makes_venv()


def test_a_moved_folder_is_set_up_again(ready):
    ready.root = ready.root.rename(ready.root.with_name("clone y"))
    assert f"in {ready.root} with" in ready.run("test").stdout
    assert ready.makes_venv()


def test_another_course_python_series_is_set_up_again(ready):
    ready.python("python3.9", "3.9.18")
    ready.run("test", COURSE_PYTHON=str(ready.bin / "python3.9"))
    assert ready.makes_venv()


@pytest.mark.parametrize("wish", ["COURSE_BACKEND", "COURSE_PYTHON"])
def test_another_backend_is_set_up_when_it_is_asked_for_and_then_stays(ready, wish):
    python = ready.python("python3.12", "3.12.1", headers=False)
    wishes = {"COURSE_PYTHON": "", wish: "pytensor" if wish == "COURSE_BACKEND" else str(python)}
    for settings, is_made in (({"COURSE_PYTHON": ""}, False), (wishes, True), (wishes, False)):
        assert ready.run("test", **settings).returncode == 0
        assert ready.makes_venv() == is_made
    ready.run("test", COURSE_PYTHON="")
    assert not ready.makes_venv()


def test_new_pins_are_installed_into_the_venv_that_is_there(ready):
    with open(ready.root / "requirements.lock", "a") as lock:
        lock.write("wcwidth==0.9.4\n")
    assert ready.run("test").returncode == 0
    assert list(ready.venv.glob("lib/*/*/wcwidth-0.9.4.dist-info"))
    assert not ready.makes_venv()


def test_an_interrupted_update_is_made_anew(ready):
    (ready.root / "pyproject.toml").write_text("[project]")
    ready.run("test", FAKE_PIP="is killed")
    ready.calls()
    assert ready.run("test").returncode == 0
    assert ready.makes_venv()


def test_a_package_that_went_missing_is_put_back(ready):
    package = next(ready.venv.glob("lib/*/*/tqdm-4.70.1.dist-info"))
    shutil.rmtree(package)
    assert ready.run("test").returncode == 0
    assert package.exists()


def test_a_second_set_up_waits_for_the_first_and_uses_what_that_made(ready):
    made = ready.venv.rename(ready.root / "made by another process")
    with open(ready.root / ".venv.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = ready.start("test")
        assert second.stdout.readline().startswith("Another set-up is under way")
        made.rename(ready.venv)
    stdout, _ = second.communicate(timeout=30)
    assert stdout == f"in {ready.root} with []\n"
    assert second.returncode == 0


def test_a_set_up_waits_for_the_pip_that_a_killed_one_left_behind(house, tmp_path):
    house.python("python3.10")
    os.mkfifo(tmp_path / "fifo")
    accident = {"FAKE_PIP": "is killed and its pip lives on", "FAKE_FIFO": str(tmp_path / "fifo")}
    assert house.run("test", **accident).returncode == -signal.SIGKILL
    second = house.start("test")
    try:
        assert second.stdout.readline().startswith("Another set-up is under way")
    finally:
        (tmp_path / "fifo").write_text("now that pip may end")
    assert "The course is set up" in second.communicate(timeout=30)[0]


def test_a_lock_left_by_a_dead_process_blocks_nobody(house):
    house.python("python3.10")
    (house.root / ".venv.lock").write_text("")
    assert "Another set-up" not in house.run("test").stdout


def test_progress_shows_the_large_packages_that_uv_downloads(course, capsys):
    on_line = course.progress(3)
    for line in (
        "Resolved 125 packages in 560ms",
        "Downloading numpy (15.0MiB)",
        " Downloaded numpy",
        "Prepared 123 packages in 7.5s",
        " + numpy==2.5.5",
    ):
        on_line(f"{line}\n")
    said = capsys.readouterr().out
    assert said == "Downloading numpy (15.0MiB)\nUnpacking 3 packages ...\n"


def test_progress_counts_the_packages_in_pips_output(course, capsys):
    on_line = course.progress(3)
    for line in (
        "Collecting argon2-cffi-bindings==26.2.0 (from -r requirements.lock (line 6))",
        "  Downloading argon2_cffi_bindings-26.2.0-cp310-abi3-manylinux_2_28_x86_64.whl (26 kB)",
        "Processing /a b/jupyter_core-5.9.1-py3-none-any.whl (from -r requirements.lock (line 9))",
        "Requirement already satisfied: numpy==1.21.6 in ./.venv/lib/python3.10/site-packages",
    ):
        on_line(line)
    assert capsys.readouterr().out == "[  3/3] numpy 1.21.6\n"


# --- An environment of the reader's own -------------------------------------------------------


@pytest.fixture
def versions():
    """What a pretended environment has installed: every direct dependency."""
    return dict.fromkeys([*real_course.DIRECT, "theano-pymc"], "1.0")


@pytest.fixture
def own(monkeypatch, versions):
    """The real course.py, as if it were run in that environment."""

    def version(name):
        if name not in versions:
            raise real_course.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(real_course.metadata, "version", version)
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    monkeypatch.setattr(sys, "prefix", "/opt/conda/envs/rnn-course")
    monkeypatch.delenv("COURSE_BACKEND", raising=False)
    return real_course


def test_a_python_with_the_direct_dependencies_is_used_as_it_is(own, monkeypatch):
    became = []
    monkeypatch.setattr(own.os, "execv", lambda path, words: became.append((path, words)))
    monkeypatch.setattr(own, "set_up", lambda: pytest.fail("sets up .venv"))
    monkeypatch.setenv("PYTHONPATH", "/mine")
    monkeypatch.chdir("/")
    own.hand_over("-m", "pytest")
    assert became == [(sys.executable, [sys.executable, "-m", "pytest"])]
    assert os.environ["PYTHONPATH"] == f"{ROOT}{os.pathsep}/mine"
    assert Path.cwd() == ROOT


def test_one_missing_dependency_makes_an_environment_unfit(own, versions):
    assert own.has_own_environment()
    del versions["theano-pymc"]
    assert not own.has_own_environment()


@pytest.mark.parametrize("version", [(3, 8, 18), (3, 11, 7), (3, 15, 0)])
def test_theano_on_a_python_of_another_version_is_no_environment(own, monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    assert not own.has_own_environment()


def test_an_environment_with_pytensor_serves_unless_theano_is_asked_for(own, versions, monkeypatch):
    versions["pytensor"] = versions.pop("theano-pymc")
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    assert own.has_own_environment()
    monkeypatch.setenv("COURSE_BACKEND", "theano")
    assert not own.has_own_environment()


def test_the_courses_own_venv_is_not_taken_for_the_readers(own, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(own.VENV))
    assert not own.has_own_environment()


# --- The doctor -------------------------------------------------------------------------------


def test_the_doctor_works_before_there_is_a_venv_and_makes_none(house):
    house.python("python3.10")
    done = house.run("doctor")
    assert done.stdout.startswith("[ok] Theano (theano-pymc) on Python 3.10.13 (")
    assert "[ok] a C++ compiler (g++)" in done.stdout
    (missing,) = [line for line in done.stdout.splitlines() if line.startswith("[missing]")]
    assert missing == "[missing] .venv, complete and made for this folder: python3 course.py lab"
    assert (done.returncode, done.stderr) == (1, "")
    assert not house.venv.exists()


THEANO, PYTENSOR = "Theano (theano-pymc) on Python 3.10.13", "PyTensor on Python 3.12.1"
NONE_FOUND = "as no 3.10 or 3.9 with headers, ensurepip and a compiler was found"


@pytest.mark.parametrize(
    ("has_headers", "wish", "said", "reason"),
    [
        (True, {}, THEANO, "the first choice"),
        (False, {}, PYTENSOR, NONE_FOUND),
        (True, {"COURSE_BACKEND": "theano"}, THEANO, "as COURSE_BACKEND says"),
        (True, {"COURSE_BACKEND": "pytensor"}, PYTENSOR, "as COURSE_BACKEND says"),
        (True, {"COURSE_PYTHON": "python3.12"}, PYTENSOR, "as COURSE_PYTHON says"),
    ],
)
def test_the_doctor_says_which_backend_it_is_and_why(
    house, course, monkeypatch, capsys, has_headers, wish, said, reason
):
    house.python("python3.10", headers=has_headers)
    house.python("python3.12", "3.12.1", headers=False)
    for name, value in wish.items():
        monkeypatch.setenv(name, value)
    course.doctor()
    line, *others = capsys.readouterr().out.splitlines()
    assert line.startswith(f"[ok] {said} (") and line.endswith(f"), {reason}")
    is_theano = said == THEANO
    assert any("a C++ compiler" in other for other in others) == is_theano
    assert any("Python.h" in other for other in others) == is_theano


@pytest.mark.parametrize(("version", "said"), [("3.10.13", THEANO), ("3.12.1", PYTENSOR)])
def test_the_doctor_says_when_the_backend_is_that_of_the_readers_environment(course, version, said):
    python = course.Interpreter("/x", version, True, True)
    line, *_ = map(str, course.machine_requirements(python, 0))
    assert line == f"[ok] {said} (/x), as this environment has it"


def test_the_doctor_says_when_the_backend_is_that_of_the_venv(ready):
    ready.python("python3.12", "3.12.1")
    ready.run("test", COURSE_PYTHON="", COURSE_BACKEND="pytensor")
    line, *_ = ready.run("doctor", COURSE_PYTHON="").stdout.splitlines()
    assert line.startswith(f"[ok] {PYTENSOR} (") and line.endswith("), as .venv has it")


def test_the_doctor_has_one_line_for_all_packages_that_are_not_there(ready):
    for package in ready.venv.glob("lib/*/*/t*.dist-info"):
        shutil.rmtree(package)
    for package in ready.venv.glob("lib/*/*/numpy*.dist-info"):
        shutil.rmtree(package)
    done = ready.run("doctor")
    assert "[ok] setuptools 80.8.0" in done.stdout
    assert "[missing] 2 of 3 packages: numpy 1.21.6, tqdm 4.70.1: python3 " in done.stdout


def test_the_doctor_checks_only_the_pins_of_this_python(ready):
    assert "tomli" not in ready.run("doctor").stdout
    ready.python("python3.9", "3.9.18")
    assert "tomli" in ready.run("doctor", COURSE_PYTHON=str(ready.bin / "python3.9")).stdout


def test_the_doctor_is_content_with_a_complete_set_up(ready):
    done = ready.run("doctor")
    assert all(line.startswith("[ok] ") for line in done.stdout.splitlines())
    assert done.stdout.splitlines()[-1] == "[ok] BLAS link"
    assert done.returncode == 0


def test_the_doctor_survives_a_half_broken_venv(ready):
    (ready.venv / "bin/python").unlink()
    package = next(ready.venv.glob("lib/*/*/tqdm-4.70.1.dist-info"))
    (package / "METADATA").unlink()
    done = ready.run("doctor")
    assert "[missing] 1 of 3 packages: tqdm 4.70.1: python3 course.py lab" in done.stdout
    assert "[ok] numpy 1.21.6" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


def test_the_doctor_tells_of_an_unusable_course_python_even_beside_a_good_venv(ready):
    done = ready.run("doctor", COURSE_PYTHON="/no/such python")
    assert done.stdout.startswith("[missing] a working Python 3.9 to 3.14 as COURSE_PYTHON")
    assert done.returncode == 1


def test_the_doctor_tells_of_another_version(ready):
    package = next(ready.venv.glob("lib/*/*/tqdm-4.70.1.dist-info"))
    (package / "METADATA").write_text("Name: tqdm\nVersion: 4.0\n")
    assert "[missing] tqdm 4.70.1 (4.0 is here)" in ready.run("doctor").stdout


def test_the_doctor_passes_on_what_theano_says(ready):
    done = ready.run("doctor", FAKE_DOCTOR="[missing] BLAS link: do this", FAKE_STATUS="1")
    assert done.stdout.splitlines()[-1] == "[missing] BLAS link: do this"
    assert done.returncode == 1


# --- What the doctor asks the environment's own Python ----------------------------------------


@pytest.fixture
def backend():
    """A pretended course_lib.backend, so that Theano need not be imported."""
    backend = types.ModuleType("course_lib.backend")
    backend.T = types.SimpleNamespace(vector=lambda name: None, zeros=lambda shape: None)
    backend.scan = lambda step, sequences, outputs_info: None
    backend.function = lambda inputs, output: np.cumsum
    backend.blas_library = lambda: "libopenblas.so"
    config = types.SimpleNamespace(cxx="g++", compiledir="/home/c")
    backend.theano = types.SimpleNamespace(__name__="theano", config=config)
    return backend


@pytest.fixture
def cli(monkeypatch, backend):
    monkeypatch.setitem(sys.modules, "course_lib", types.ModuleType("course_lib"))
    monkeypatch.setitem(sys.modules, "course_lib.backend", backend)
    spec = importlib.util.spec_from_file_location("cli_copy", ROOT / "course_lib" / "cli.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_working_theano_gives_three_lines_and_status_0(cli, capsys):
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "[ok] BLAS link: libopenblas.so",
        "[ok] compiled code is kept in /home/c",
        "[ok] Theano runs a scan",
    ]


def test_pytensor_is_called_so_and_compiles_nothing(cli, backend, capsys):
    backend.theano = types.SimpleNamespace(
        __name__="pytensor", config=types.SimpleNamespace(cxx="")
    )
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "[ok] nothing is compiled: functions run in numpy",
        "[ok] PyTensor runs a scan",
    ]


def test_a_theano_without_blas_is_reported_with_a_remedy(cli, backend, capsys):
    backend.blas_library = lambda: None
    assert cli.main(["doctor"]) == 1
    assert capsys.readouterr().out.startswith("[missing] BLAS link: ")


def test_a_failing_compiler_is_reported_in_one_line(cli, backend, capsys):
    def fail(inputs, output):
        raise RuntimeError("g++ failed\nwith many\nlines")

    backend.function = fail
    assert cli.main(["doctor"]) == 1
    line = capsys.readouterr().out.splitlines()[2]
    assert line.startswith("[missing] theano_scan (RuntimeError: g++ failed): ")


def test_a_wrong_sum_is_reported(cli, backend, capsys):
    backend.function = lambda inputs, output: np.array
    assert cli.main(["doctor"]) == 1
    assert "[missing] Theano runs a scan" in capsys.readouterr().out


# --- my_work/ -----------------------------------------------------------------------------------


@pytest.fixture
def exercises(house):
    """A house with the exercises of two chapters."""
    folder = house.root / "chapters" / "exercises"
    folder.mkdir(parents=True)
    for name in ("00_start_here", "03_backpropagation_through_time"):
        (folder / f"{name}.ipynb").write_text(name)
    return house


def mine(house):
    return {p.name[:2]: p.read_text() for p in (house.root / "my_work").glob("*.ipynb")}


def test_start_copies_all_exercises_and_needs_no_python_of_the_course(exercises):
    done = exercises.run("start")
    assert (done.returncode, done.stderr) == (0, "")
    assert mine(exercises) == {"00": "00_start_here", "03": "03_backpropagation_through_time"}
    assert exercises.calls() == []


def test_start_copies_one_chapter(exercises):
    assert exercises.run("start", "03").returncode == 0
    assert list(mine(exercises)) == ["03"]


def test_start_never_overwrites_what_is_there(exercises):
    exercises.run("start", "03")
    (path,) = (exercises.root / "my_work").glob("03*")
    path.write_text("hours of work")
    done = exercises.run("start")
    assert "kept  my_work/03_backpropagation_through_time.ipynb as it is" in done.stdout
    assert mine(exercises) == {"00": "00_start_here", "03": "hours of work"}


def test_start_takes_a_chapter_of_one_digit(exercises):
    assert exercises.run("start", "3").returncode == 0
    assert list(mine(exercises)) == ["03"]


@pytest.mark.parametrize("accident", [OSError("No space left on device"), KeyboardInterrupt()])
def test_a_copy_that_was_cut_off_is_made_anew(exercises, course, monkeypatch, accident):
    def cut_off(path, to):
        Path(to).write_text("03_back")
        raise accident

    with monkeypatch.context() as full_disk, pytest.raises(type(accident)):
        full_disk.setattr(course.shutil, "copyfile", cut_off)
        course.start("03")
    assert mine(exercises) == {}
    assert course.start("03") == 0
    assert mine(exercises) == {"03": "03_backpropagation_through_time"}
    assert len(list(course.MY_WORK.iterdir())) == 1


def test_start_says_which_chapters_have_exercises(exercises):
    done = exercises.run("start", "12")
    assert done.returncode == 2
    assert "there are no exercises for chapter 12; choose one of 00, 03" in done.stdout
    assert not (exercises.root / "my_work").exists()


def test_the_first_lab_makes_the_copies_and_a_later_one_leaves_them_alone(exercises):
    exercises.python("python3.10")
    assert exercises.run("lab").returncode == 0
    assert list(mine(exercises)) == ["00", "03"]
    shutil.rmtree(exercises.root / "my_work")
    (exercises.root / "my_work").mkdir()
    exercises.run("lab")
    assert mine(exercises) == {}


@pytest.mark.parametrize(
    "arguments", [("start", "00", "03"), ("check", "00", "03"), ("doctor", "x")]
)
def test_arguments_too_many_are_refused(exercises, arguments):
    done = exercises.run(*arguments)
    assert done.returncode == 2 and f"too many arguments for {arguments[0]}" in done.stderr


def test_check_hands_the_chapter_over(ready):
    ready.run("check", "03")
    assert ready.calls() == ["-m course_lib.cli check 03"]


@pytest.mark.parametrize(("user", "options"), [(0, ["--allow-root"]), (1000, [])])
def test_jupyterlab_is_told_when_it_runs_as_root(exercises, course, monkeypatch, user, options):
    handed = []
    monkeypatch.setattr(course, "hand_over", lambda *arguments: handed.extend(arguments))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(sys, "argv", ["course.py", "lab", "--no-browser"])
    course.main()
    assert handed == [*course.COMMANDS["lab"][1], *options, "--no-browser"]


JUPYTER = {"JUPYTER_CONFIG_DIR": ".jupyter", "JUPYTER_DATA_DIR": ".local/share"}


@pytest.mark.parametrize("name", JUPYTER)
def test_jupyter_gets_a_folder_of_the_courses_where_its_own_cannot_be_written_to(
    house, course, monkeypatch, capsys, name
):
    monkeypatch.setattr(sys, "platform", "linux")
    in_the_way = house.home / JUPYTER[name]
    in_the_way.parent.mkdir(exist_ok=True)
    in_the_way.touch()
    monkeypatch.setattr(os, "environ", dict(os.environ))
    course.find_room_for_jupyter()
    own = {key: value for key, value in os.environ.items() if key in JUPYTER}
    assert own == {name: str(course.ROOT / ".home" / name.lower())}
    assert capsys.readouterr().out.startswith(f"Jupyter keeps files in {own[name]}: ")


@pytest.mark.parametrize("command", ["doctor", "start", "test"])
def test_a_reader_that_has_enough_is_no_error(exercises, command):
    exercises.python("python3.10")
    reader, writer = os.pipe()
    os.close(reader)
    process = exercises.start(command, stdout=writer)
    os.close(writer)
    assert process.communicate(timeout=30)[1] == ""
    assert process.returncode == -signal.SIGPIPE


def test_a_reader_that_has_enough_of_what_the_package_says_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    command = [PYTHON, "-m", "course_lib.cli", "bench", "--help"]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


# --- The file itself --------------------------------------------------------------------------


def test_course_py_is_python_3_8():
    ast.parse((ROOT / "course.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_an_unknown_command_is_refused_with_the_list_of_commands(house):
    done = house.run("tset")
    assert done.returncode == 2
    names = ("lab", "start", "check", "test", "doctor", "bench")
    assert all(name in done.stderr for name in names)
