"""pyproject.toml, requirements.lock, environment.yml and course.py pin the same packages."""

import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import course

try:
    import tomllib
except ImportError:  # before Python 3.11
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
PYTHONS = ["3.9.0", "3.9.18", "3.10.0", "3.10.13"]  # with theano-pymc
PYTHONS += ["3.11.0", "3.11.7", "3.12.1", "3.13.0", "3.14.0"]  # with PyTensor
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def no_choice(monkeypatch):
    """What is tested here holds for both backends, whichever of them runs the tests."""
    monkeypatch.delenv("COURSE_BACKEND", raising=False)


def applying(requirements, python, platform="linux"):
    """The requirements whose markers hold, as pip would read them, as {name: specifier}."""
    facts = {
        **default_environment(),
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "sys_platform": platform,
        "os_name": "nt" if platform == "win32" else "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    parsed = map(Requirement, requirements)
    chosen = [r for r in parsed if r.marker is None or r.marker.evaluate(facts)]
    assert len({r.name for r in chosen}) == len(chosen), "one package, two pins"
    return {canonicalize_name(r.name): str(r.specifier) for r in chosen}


def direct_requirements(python):
    project = PROJECT["project"]
    return applying(project["dependencies"] + project["optional-dependencies"]["test"], python)


def lock_lines():
    return [line for line in LOCK.splitlines() if not line.startswith("#")]


def conda_pip_lines():
    return next(entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict))


@pytest.mark.parametrize("python", PYTHONS)
def test_direct_dependencies_are_pinned_as_in_the_lock(python):
    locked = applying(lock_lines(), python)
    direct = direct_requirements(python)
    assert direct == {name: locked[name] for name in direct}
    assert all(specifier.startswith("==") for specifier in direct.values())


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", PYTHONS)
def test_course_py_reads_the_lock_as_pip_does(python, platform):
    expected = applying(lock_lines(), python, platform)
    ours = {name: f"=={version}" for name, version in course.pins(python, platform).items()}
    assert ours == expected


@pytest.mark.parametrize("python", PYTHONS)
def test_course_py_knows_the_direct_dependencies(python):
    backend = course.backend_for(python.rpartition(".")[0])
    assert sorted([*course.DIRECT, backend.package]) == sorted(direct_requirements(python))


def test_course_py_and_the_package_accept_the_same_pythons():
    accepted = SpecifierSet(PROJECT["project"]["requires-python"])
    every = [f"3.{minor}" for minor in range(5, 20)]
    assert set(course.all_series()) == set(accepted.filter(every))


@pytest.mark.parametrize("python", PYTHONS)
def test_the_build_tool_is_the_one_in_the_lock(python):
    locked = applying(lock_lines(), python)
    assert PROJECT["build-system"]["requires"] == [f"setuptools{locked['setuptools']}"]


def test_environment_yml_pins_the_direct_dependencies():
    pins = [line for line in conda_pip_lines() if not line.startswith("-")]
    assert applying(pins, "3.13.0") == direct_requirements("3.13.0")


def test_environment_yml_pins_the_rest_through_the_lock_and_installs_the_course():
    options = [line for line in conda_pip_lines() if line.startswith("-")]
    assert options == ["-c requirements.lock", "-e ."]


def test_environment_yml_brings_python_and_the_pip_of_course_py_and_no_compiler():
    assert ENVIRONMENT["name"] == PROJECT["project"]["name"]
    assert ENVIRONMENT["channels"] == ["conda-forge"]
    from_conda = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str)]
    assert from_conda == ["python=3.13", course.PIP.replace("==", "=")]


def test_the_lock_names_no_registry_and_no_path():
    assert not [line for line in LOCK.splitlines() if "://" in line or " @ " in line]
    assert not [line for line in lock_lines() if line.startswith(("-", "/", "."))]


def test_the_lock_holds_what_the_packages_need_and_nothing_else():
    # pip is told not to look (--no-deps), so this must hold.
    version = "{}.{}.{}".format(*sys.version_info)
    locked = course.pins(version)
    # Of two with one name the first on the path is imported: setuptools puts its own copies last.
    packages = reversed(list(metadata.distributions()))
    installed = {canonicalize_name(p.metadata["Name"] or ""): p.version for p in packages}
    if not locked.items() <= installed.items():
        pytest.skip("other versions than the lock's are installed")
    needed, to_visit = set(), {(name, "") for name in direct_requirements(version)}
    while to_visit:
        name, extra = to_visit.pop()
        needed.add((name, extra))
        for requirement in map(Requirement, metadata.requires(name) or []):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            needs = canonicalize_name(requirement.name)
            assert needs in locked, f"{name} needs {needs}"
            assert requirement.specifier.contains(locked[needs]), f"{name} needs {requirement}"
            to_visit |= {(needs, e) for e in ("", *requirement.extras)} - needed
    assert {name for name, _ in needed} == set(locked)
