#!/usr/bin/env python3
"""The front door of the course.

    python3 course.py lab       read and run the chapters in JupyterLab
    python3 course.py start     copy the exercises into my_work/, all or one chapter's (start 03)
    python3 course.py check     say how far the exercises in my_work/ are (all, or check 03)
    python3 course.py test      run the unit tests and every notebook
    python3 course.py doctor    say what is missing, and the command that mends it
    python3 course.py bench     time the models on this machine

Any Python from 3.8 on can run this file (on Windows, write py for python3). The course itself
needs Python 3.10 or 3.9 with its headers and a C++ compiler, for Theano, or else Python 3.11 to
3.14, for PyTensor (COURSE_BACKEND=theano or pytensor can say which backend, COURSE_PYTHON which
Python): the first command that needs it makes a virtual environment in .venv. Where the running
Python has the course's packages already (conda, say), that one is used instead.
"""

import argparse
import contextlib
import errno
import fnmatch
import functools
import glob
import hashlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

WINDOWS = os.name == "nt"
if WINDOWS:
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parent
PINS = ROOT / "requirements.lock"
MY_WORK = ROOT / "my_work"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
STAMP = VENV / "course-setup.json"


class Backend(NamedTuple):
    """A library that computes for the course, and what it takes to run it."""

    name: str
    package: str
    series: tuple  # of Python, the preferred one first
    needs_compiler: bool  # and Python's headers


# The preferred one first: Theano is what the chapters were written with. Of PyTensor's Pythons,
# 3.12 has been tried the most, and 3.11 has only an older PyTensor.
BACKENDS = {
    "theano": Backend("Theano (theano-pymc)", "theano-pymc", ("3.10", "3.9"), True),
    "pytensor": Backend("PyTensor", "pytensor", ("3.12", "3.13", "3.14", "3.11"), False),
}
if WINDOWS:
    del BACKENDS["theano"]  # the course has never been tried with it there
# The other direct dependencies in pyproject.toml. What installs them is uv, or else pip: one that
# comes with an older Python may be unable to install the course itself.
DIRECT = ["jupyter", "matplotlib", "numpy", "scipy", "setuptools", "tqdm"]
DIRECT += ["hypothesis", "import-linter", "nbval", "pytest", "pytest-xdist", "ruff"]
PIP, UV = "pip==25.0.1", "uv==0.13.9"
SETUP_GB, RUN_GB = 1.5, 0.5  # .venv takes 0.7; pip's and Theano's working files need some more

# How to reach an index is for the reader to say. Any other setting of pip's or uv's, such as
# PIP_TARGET or UV_CONSTRAINT, could lead the packages astray.
INSTALLER_SETTINGS = re.compile(
    "PIP_CONFIG_FILE|(PIP|UV)_(.*INDEX.*|.*CERTS?|.*CACHE_DIR|.*TIMEOUT|.*RETRIES|.*_HOST|FIND_LINKS"
    "|KEYRING_PROVIDER|LINK_MODE|NATIVE_TLS|OFFLINE|PROXY|PYTHON_.+|USE_DEPRECATED|USE_FEATURE)"
)

# Whoever leads pip to an index wants no other one, so these lead uv there, too.
UV_NAMES = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX"}
UV_NAMES["PIP_CERT"] = "SSL_CERT_FILE"

SETUP_COMMAND = f"{'py' if WINDOWS else 'python3'} course.py lab"
DOCTOR_COMMAND = SETUP_COMMAND.replace("lab", "doctor")
GET_UV = "curl -LsSf https://astral.sh/uv/install.sh | sh"
GET_UV = "winget install astral-sh.uv" if WINDOWS else GET_UV
GET_PYTHON = (
    "install uv, which then fetches a Python for the course and leaves the others as they are, "
    f"with `{GET_UV}`, and run the same command again"
)
OTHER_FOLDER = f"copy {ROOT} to a folder of your own, and run the same command there"
GET_COMPILER = "xcode-select --install" if sys.platform == "darwin" else "sudo apt install g++"

COMMANDS = {  # what each is for, and what it hands over to; further arguments are passed on
    "lab": (
        "open the chapters in JupyterLab; further arguments go to jupyter lab",
        # The file browser starts at the chapters; my_work/ beside them must be in reach too.
        ["-m", "jupyterlab", "--LabApp.default_url=/lab/tree/chapters"],
    ),
    "start": ("copy exercises into my_work/, where you do them; never overwrites one", []),
    "check": ("check the exercises in my_work/", ["-m", "course_lib.cli", "check"]),
    "test": ("run unit tests and notebooks; further arguments go to pytest", ["-m", "pytest"]),
    "bench": ("time the models on this machine", ["-m", "course_lib.cli", "bench"]),
    "doctor": ("say what is missing, and the command that mends it", []),
}


class Requirement(NamedTuple):
    """What the course needs, whether it is there, and the command that mends it."""

    ok: bool
    what: str
    remedy: str

    def __str__(self):
        return f"[ok] {self.what}" if self.ok else f"[missing] {self.what}: {self.remedy}"


# --- Finding a Python -------------------------------------------------------------------------


def backends():
    """The backends to choose from: all, or the one that COURSE_BACKEND names."""
    chosen = os.environ.get("COURSE_BACKEND")
    if chosen and chosen not in BACKENDS:
        sys.exit(f"COURSE_BACKEND is {chosen}; it can be {' or '.join(BACKENDS)}.")
    return [BACKENDS[chosen]] if chosen else list(BACKENDS.values())


def all_series():
    return [series for backend in backends() for series in backend.series]


def backend_for(series):
    return next((backend for backend in backends() if series in backend.series), None)


PROBE = """
import importlib.util, json, os, sys, sysconfig
path = sys.executable
if sys.prefix != sys.base_prefix:
    path = os.path.realpath(getattr(sys, "_base_executable", path))
header = os.path.join(sysconfig.get_paths()["include"], "Python.h")
has_ensurepip = importlib.util.find_spec("ensurepip") is not None
print(json.dumps([path, "%d.%d.%d" % sys.version_info[:3], os.path.exists(header), has_ensurepip]))
"""


class Interpreter(NamedTuple):
    """A Python that answered; when asked in a virtual environment, the one behind that."""

    path: str
    version: str
    has_headers: bool
    has_ensurepip: bool

    @property
    def series(self):
        return self.version.rpartition(".")[0]

    @property
    def backend(self):
        return backend_for(self.series)

    @property
    def is_complete(self):
        can_compile = not self.backend.needs_compiler or (self.has_headers and find_compiler())
        return bool((self.has_ensurepip or find_uv()) and can_compile)


def ask(*command, cwd=ROOT.anchor, timeout=30, env=None):
    """Whether a command runs and succeeds, and what it prints."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    try:
        done = subprocess.run(command, cwd=cwd, timeout=timeout, env=env, encoding="utf-8", **pipes)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False, ""
    return done.returncode == 0, done.stdout


def probe(*command):
    """The Interpreter that a command starts, or None: a pyenv shim can exist and still fail."""
    answered, text = ask(*command, "-I", "-c", PROBE)
    try:
        return Interpreter(*json.loads(text)) if answered else None
    except (TypeError, ValueError):
        return None


def candidates():
    """Commands that may start a Python of the right version."""
    pyenv = glob.escape(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv"))
    uv = find_uv()
    for series in all_series():
        yield (f"python{series}",)
        # Not Path.glob, which raises an error where a folder cannot be read.
        yield from ((path,) for path in glob.glob(f"{pyenv}/versions/{series}.*/bin/python"))
        for homebrew in ("/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"):
            yield (f"{homebrew}/opt/python@{series}/bin/python{series}",)
        if WINDOWS:
            yield ("py", f"-{series}")
        if uv:
            found, path = ask(uv, "python", "find", "--managed-python", series)
            yield from [(path.strip(),)] if found else []
    yield from ((sys.executable,), ("python3",), ("python",))


def find_uv():
    # Its installer's folder is on PATH only in the next shell; the last one is fetch_uv's.
    folders = (None, os.path.expanduser("~/.local/bin"), str(ROOT / ".uv" / "bin"))
    found = filter(None, (shutil.which("uv", path=folder) for folder in folders))
    return next((path for path in found if ask(path, "--version")[0]), None)


def fetch_uv(python):
    """Let that Python's pip, if it has one, put uv into .uv: it needs a third of pip's time."""
    pip = [python, "-I", "-m", "pip", "install", "--no-deps", "--prefix=", "--retries=1"]
    ask(*pip, "--upgrade", f"--target={ROOT / '.uv'}", UV, timeout=300, env=installer_environment())


def find_compiler():
    # Asked to answer, not just looked up: without its tools, macOS has a clang++ that only fails.
    named = filter(None, ["g++", "clang++", os.environ.get("CXX")])
    return next((name for name in named if ask(name, "--version")[0]), None)


def find_python():
    """The best usable Interpreter, or None: a complete one if there is, then the preferred one."""
    if os.environ.get("COURSE_PYTHON"):
        path = shutil.which(os.path.expanduser(os.environ["COURSE_PYTHON"]))
        found = [probe(os.path.abspath(path))] if path else []
    else:
        found = [probe(*command) for command in candidates()]
    usable = [python for python in found if python and python.backend]
    order = all_series()
    return min(usable, key=lambda p: (not p.is_complete, order.index(p.series)), default=None)


def wanted_python():
    """The Interpreter behind .venv, unless the reader asks for another; else the best one."""
    made_with = probe(str(VENV_PYTHON))
    stays = made_with and made_with.backend and not os.environ.get("COURSE_PYTHON")
    return made_with if stays else find_python()


# --- What the course needs --------------------------------------------------------------------


def machine_requirements(python, gigabytes, will_set_up=False):
    """What must be there before anything is installed."""
    yield python_requirement(python, is_own=not will_set_up)
    if python and will_set_up and not find_uv():
        yield part_requirement(python, "has_ensurepip", "venv and ensurepip", "venv")
    if python and python.backend.needs_compiler:
        yield part_requirement(python, "has_headers", "Python.h", "dev")
        compiler = find_compiler()
        what = f"a C++ compiler ({compiler or 'g++ or clang++'})"
        yield Requirement(bool(compiler), what, GET_COMPILER)
    free = shutil.disk_usage(ROOT).free / 1e9
    space = f"{gigabytes} GB of free disk space ({free:.1f} GB are free)"
    yield Requirement(free >= gigabytes, space, f"make room on the disk that holds {ROOT}")
    yield Requirement(os.access(ROOT, os.W_OK), f"permission to write to {ROOT}", OTHER_FOLDER)


def another_python():
    """How to get a Python that has everything."""
    if os.environ.get("COURSE_PYTHON"):
        return "unset COURSE_PYTHON, or give it the path of another Python"
    return SETUP_COMMAND if find_uv() else GET_PYTHON


def part_requirement(python, attribute, part, suffix):
    """A part of Python that Debian and Ubuntu put into a package of its own, python3.x-suffix."""
    has_it, remedy = getattr(python, attribute), ""
    if not has_it:
        # Each of their releases has the packages of its own Python only.
        package = f"python{python.series}-{suffix}"
        is_known, _ = ask("apt-cache", "show", package)
        remedy = f"sudo apt install {package}" if is_known else another_python()
    return Requirement(has_it, f"{part} of Python {python.series}", remedy)


def python_requirement(python, is_own):
    """The Python, the backend that runs on it, and why it is these."""
    chosen, backend = os.environ.get("COURSE_PYTHON"), os.environ.get("COURSE_BACKEND")
    if not python:
        lowest, *_, highest = sorted(all_series(), key=lambda series: int(series[2:]))
        what = f"Python {lowest} to {highest}"
        if chosen:
            what = f"a working {what} as COURSE_PYTHON, which is {chosen}"
        return Requirement(False, what + (f" (for {backend})" if backend else ""), another_python())
    reasons = {
        "as this environment has it": is_own,
        "as COURSE_PYTHON says": chosen,
        "as COURSE_BACKEND says": backend,
        "as .venv has it": read_stamp().get("python") == python.series,
        "the first choice": python.backend is backends()[0],
        "as no 3.10 or 3.9 with headers, ensurepip and a compiler was found": True,
    }
    reason = next(filter(reasons.get, reasons))
    what = f"{python.backend.name} on Python {python.version} ({python.path}), {reason}"
    return Requirement(True, what, "")


@functools.total_ordering
class MarkerVersion:
    """A Python version that compares as the markers in requirements.lock mean it."""

    def __init__(self, text):
        self.text = text

    def __eq__(self, pattern):
        return fnmatch.fnmatch(self.text, pattern)

    def __lt__(self, other):
        return [int(n) for n in self.text.split(".")] < [int(n) for n in other.split(".")]


def pins(python_version, platform=sys.platform):
    """The {name: version} in requirements.lock for this Python and platform."""
    facts = {
        "python_full_version": MarkerVersion(python_version),
        "sys_platform": platform,
        "os_name": "nt" if platform == "win32" else "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    line = re.compile(r"(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>.+))?")
    found = map(line.fullmatch, PINS.read_text(encoding="utf-8").splitlines())
    # A marker reads as a Python expression, and this file is the project's own.
    return {
        pin["name"]: pin["version"]
        for pin in filter(None, found)
        if not pin["marker"] or eval(pin["marker"], facts)
    }


def package_requirements(python_version, folders, remedy):
    """One requirement for all packages that are not there, and one for each that is."""
    present = {}
    for package in metadata.distributions(path=[str(folder) for folder in folders]):
        name = package.metadata.get("Name") or ""  # a damaged package may have none
        version = package.metadata.get("Version")
        present.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    wanted = pins(python_version)
    absent = [f"{name} {version}" for name, version in wanted.items() if not present.get(name)]
    if absent:
        names = textwrap.shorten(", ".join(absent), 70, placeholder=" ...")
        yield Requirement(False, f"{len(absent)} of {len(wanted)} packages: {names}", remedy)
    for name, version in wanted.items():
        if present.get(name) == version:
            yield Requirement(True, f"{name} {version}", "")
        elif present.get(name):
            yield Requirement(False, f"{name} {version} ({present[name]} is here)", remedy)


def site_packages():
    return VENV.glob("Lib/site-packages" if WINDOWS else "lib/python*/site-packages")


def has_own_environment():
    """Whether the running Python can serve as it is: conda, or a venv of the reader's own."""
    series = ".".join(map(str, sys.version_info[:2]))
    backend = backend_for(series)
    if not backend or Path(sys.prefix).resolve() == VENV.resolve():
        return False
    try:
        return all(metadata.version(name) for name in [*DIRECT, backend.package])
    except metadata.PackageNotFoundError:
        return False


# --- Making .venv -----------------------------------------------------------------------------


def expected_stamp(python):
    contents = PINS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    digest = hashlib.sha256(contents).hexdigest()
    return {"root": str(ROOT), "python": python.series, "pins": digest}


def read_stamp():
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def is_ready():
    python = probe(str(VENV_PYTHON))
    wanted = wanted_python() if python else None
    if not wanted or read_stamp() != expected_stamp(wanted):
        return False
    return all(needed.ok for needed in package_requirements(python.version, site_packages(), ""))


def show(text, end="\n"):
    """Print a line; on a terminal, one that does not end is replaced by the next."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        text = text if end else text[:width]
        print("\r" + text.ljust(width), end=end, flush=True)
    else:
        print(text, flush=True)


def installer_environment():
    """The environment variables for the set-up: without the settings that could mislead it."""
    allowed = {
        name: value
        for name, value in os.environ.items()
        if INSTALLER_SETTINGS.fullmatch(name) or not name.startswith(("PIP_", "UV_"))
    }
    for pips, uvs in UV_NAMES.items():
        if pips in allowed:
            allowed.setdefault(uvs, allowed[pips])
    return {**allowed, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def run_step(*command, on_line=lambda line: None):
    """Run one command of the set-up; if it fails, exit with its last words and some advice."""
    lines = []
    process = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env=installer_environment(),
        close_fds=False,  # see only_one_set_up
        encoding="utf-8",
        errors="replace",
    )
    with process:
        try:
            for line in process.stdout:
                lines.append(line)
                on_line(line)
            failed = process.wait()
        finally:
            process.terminate()
    if failed:
        said = "".join(lines[-12:]) + advice("".join(lines))
        sys.exit(f"The set-up failed; these are its last lines:\n{said}")


def advice(output):
    if "Permission denied" in output or "Read-only file system" in output:
        return f"Something here may not be written to: {OTHER_FOLDER}."
    if "No space left" in output:
        return "The disk is full: make room, then run the same command again."
    if re.search("Retrying|No matching distribution|client error|dns error|timed out", output):
        return "Nothing can be downloaded: check the network, then run the same command again."
    return f"Run the same command again; if that does not help, run {DOCTOR_COMMAND}."


def progress(total):
    """What to do with a line of uv's or pip's output: show the packages as they come in."""
    found = re.compile(
        r"(?:Collecting |Processing (?:.*/)?|Requirement already satisfied: )"
        r"([A-Za-z][\w.-]*?)(?:==|-)(\d[\w.]*)"
    )
    counter = itertools.count(1)

    def on_line(line):
        package = found.match(line)
        if package:
            count = next(counter)
            if sys.stdout.isatty() or count % 20 == 0 or count == total:
                show(f"[{count:3}/{total}] {' '.join(package.groups())}", end="")
        elif line.startswith("Downloading "):  # uv's, for large packages; pip's are indented
            show(line.rstrip(), end="")
        elif line.startswith(("Installing collected packages", "Prepared ")):
            show(f"Unpacking {total} packages ...", end="")

    return on_line


def is_locked_by_us(file):
    """Whether nobody else has the lock on a file: then it is ours until this process is dead."""
    try:
        if WINDOWS:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


@contextlib.contextmanager
def only_one_set_up():
    """Hold a lock that the system takes back from a dead process, so that it blocks nobody.

    The steps inherit it: the pip of a killed set-up lives on for a while, and the next set-up
    waits until it has stopped writing to .venv (not on Windows, where nobody inherits a lock).
    """
    with open(ROOT / ".venv.lock", "a", encoding="utf-8") as lock:
        os.set_inheritable(lock.fileno(), True)
        if not is_locked_by_us(lock):
            show("Another set-up is under way; waiting for it to end (Ctrl-C to stop) ...")
            while not is_locked_by_us(lock):
                time.sleep(0.2)
        yield


def set_up():
    with only_one_set_up():
        if is_ready():  # another process has just done it
            return
        python = find_python()
        if not find_uv():
            fetch_uv(python.path if python else sys.executable)
        complete = python and python.is_complete
        if not complete and find_uv() and not os.environ.get("COURSE_PYTHON"):
            series = backends()[-1].series[0]  # PyTensor's, if either will do: it needs no more
            show(f"Fetching Python {series} with uv, for none here will do ...")
            run_step(find_uv(), "python", "install", series)
            python = find_python()
        for needed in machine_requirements(python, SETUP_GB, will_set_up=True):
            if not needed.ok:
                sys.exit(f"The course needs {needed.what}. To mend it: {needed.remedy}")
        build(python)


def build(python):
    start, stamp, old = time.monotonic(), expected_stamp(python), read_stamp()
    with contextlib.suppress(FileNotFoundError):
        STAMP.unlink()
    # Only a finished set-up can be brought up to date: after an interrupted one, pip would take
    # a package that it had half unpacked for a whole one.
    is_update = {**old, "pins": stamp["pins"]} == stamp and probe(str(VENV_PYTHON))
    making = f"Making .venv with Python {python.version} (once, about a minute) ..."
    show("Bringing .venv up to date ..." if is_update else making)
    uv = find_uv()
    try:
        install(python, uv, is_update)
    except SystemExit:
        if not uv:
            raise
        # It does not read pip's settings, which may be what leads to a package index here.
        show("uv could not install all packages; now pip tries ...")
        install(python, None, is_update=False)
    draft = STAMP.with_suffix(".draft")
    draft.write_text(json.dumps(stamp), encoding="utf-8")
    os.replace(draft, STAMP)
    show(f"The course is set up, in {time.monotonic() - start:.0f} s.")


def install(python, uv, is_update):
    """Fill .venv with the course and what it needs, by uv or, without it, by pip."""
    expected = pins(python.version)
    if uv:
        make = [uv, "venv", "--python", python.path]
        add = [uv, "pip", "install", "--no-config", "--python", VENV_PYTHON]
    else:
        make = [python.path, "-I", "-m", "venv"]
        add = [VENV_PYTHON, "-I", "-m", "pip", "install", "--no-compile", "--use-pep517"]
        add += ["--target=", f"--prefix={VENV}"]  # whatever pip.conf says
    if not is_update:
        run_step(*make, "--clear", VENV)
    run_step(*add, PIP, f"setuptools=={expected['setuptools']}")
    # The lock is complete, and holds the build tool too: there is nothing to resolve.
    add += ["--no-deps", "--no-build-isolation", "-r", PINS.name, "-e", "."]
    run_step(*add, on_line=progress(len(expected)))


# --- The commands -----------------------------------------------------------------------------


def find_room_for_jupyter():
    """Give Jupyter a folder in .home for one in the home folder that cannot be written to."""
    data = os.path.join(os.environ.get("XDG_DATA_HOME") or "~/.local/share", "jupyter")
    data = "~/Library/Jupyter" if sys.platform == "darwin" else data
    for name, usual in {"JUPYTER_CONFIG_DIR": "~/.jupyter", "JUPYTER_DATA_DIR": data}.items():
        folder = os.path.expanduser(os.environ.get(name) or usual)
        with contextlib.suppress(OSError):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            os.environ[name] = str(ROOT / ".home" / name.lower())
            show(f"Jupyter keeps files in {os.environ[name]}: {folder} cannot be written to.")


def hand_over(*arguments):
    """Become the course's Python, so that its exit status, Ctrl-C and terminal are its own."""
    if has_own_environment():
        python = sys.executable
    else:
        python = str(VENV_PYTHON)
        if not is_ready():
            set_up()
        # pip left the compiling to the first import of each module: let that be kept.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.chdir(ROOT)
    # In an environment of the reader's own, course_lib need not be installed.
    paths = [str(ROOT), os.environ.get("PYTHONPATH")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    sys.stdout.flush()
    if WINDOWS:  # which cannot become another program, and sends Ctrl-C to both
        signal.signal(signal.SIGINT, lambda *event: None)
        return subprocess.call([python, *arguments])
    find_room_for_jupyter()
    os.execv(python, [python, *arguments])


def doctor():
    """Print a line for every requirement; build nothing, so that it can be run at any time."""
    own, ready = has_own_environment(), is_ready()
    remedy = "python -m pip install --use-pep517 -r requirements.lock" if own else SETUP_COMMAND
    course_python = sys.executable if own else str(VENV_PYTHON)
    python = probe(sys.executable) if own else wanted_python()
    gigabytes = RUN_GB if own or ready else SETUP_GB
    requirements = list(machine_requirements(python, gigabytes, will_set_up=not own))
    if not own:
        requirements.append(Requirement(ready, ".venv, complete and made for this folder", remedy))
    installed = own or any(site_packages())
    if installed:  # else the set-up brings the packages, and the backend among them
        version = python.version if python else f"{all_series()[0]}.0"
        folders = sys.path if own else site_packages()
        requirements += package_requirements(version, folders, remedy)
    print(*requirements, sep="\n", flush=True)
    if not installed:
        return 1
    if sys.stdout.isatty():
        show("Compiling a first function (up to half a minute) ...", end="")
    runs, report = ask(course_python, "-m", "course_lib.cli", "doctor", cwd=ROOT, timeout=300)
    lacking = [Requirement(False, what, remedy) for what in ("BLAS link", "scan")]
    for line in report.splitlines() or lacking:
        show(str(line))
    return 0 if runs and all(needed.ok for needed in requirements) else 1


def copy_whole(path, to):
    """Copy a file so that `to` is whole or not there, even on a full disk or after a kill."""
    draft = to.with_name(f".{to.name}.draft")
    try:
        shutil.copyfile(path, draft)
        os.replace(draft, to)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        raise


def start(chapter=None):
    """Copy exercise notebooks into my_work/; what is there already stays as it is.

    `chapter` such as "03" or "3" picks one notebook.
    """
    found = sorted((ROOT / "chapters" / "exercises").glob("[0-9][0-9]_*.ipynb"))
    exercises = [path for path in found if chapter is None or path.name[:2] == chapter.zfill(2)]
    if not exercises:
        numbers = ", ".join(path.name[:2] for path in found)
        print(f"there are no exercises for chapter {chapter}; choose one of {numbers}")
        return 2
    MY_WORK.mkdir(exist_ok=True)
    for path in exercises:
        mine = MY_WORK / path.name
        if mine.exists():
            show(f"kept  my_work/{mine.name} as it is")
        else:
            copy_whole(path, mine)
            show(f"made  my_work/{mine.name}")
    return 0


def main():
    parser = argparse.ArgumentParser(description="The front door of the course.")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, (purpose, _) in COMMANDS.items():
        commands.add_parser(name, help=purpose, description=purpose, allow_abbrev=False)
    options, extra = parser.parse_known_args()
    most = {"doctor": 0, "start": 1, "check": 1}.get(options.command, len(extra))
    if len(extra) > most:
        parser.error(f"too many arguments for {options.command}: {' '.join(extra[most:])}")
    os.environ.setdefault("PYTHONUTF8", "1")  # Windows's own encodings lack the course's symbols
    if not has_own_environment():
        for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONWARNINGS"):  # meant for other Pythons
            os.environ.pop(name, None)
    try:
        if options.command == "doctor":
            return doctor()
        if options.command == "start":
            return start(*extra)
        if options.command == "lab" and not MY_WORK.exists():
            start()
        if options.command == "lab" and not WINDOWS and os.geteuid() == 0:
            extra.insert(0, "--allow-root")  # root in a container, say; Jupyter asks for a token
        return hand_over(*COMMANDS[options.command][1], *extra)
    except KeyboardInterrupt:
        show("Interrupted; the same command takes it up again.")
        return 130
    except OSError as error:
        denied = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        remedy = f". To mend it: {OTHER_FOLDER}." if denied else ""
        print(f"course.py cannot go on: {error}{remedy}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    if not WINDOWS:  # a reader that has enough, as in `course.py doctor | head`, is no error
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
