"""Which room of the backend is used: "theano" or "pytensor"."""

import os
from importlib.util import find_spec

_THERE = [name for name in ("theano", "pytensor") if find_spec(name)]
ROOM = os.environ.get("COURSE_BACKEND") or next(iter(_THERE), None)
if ROOM not in _THERE:
    raise ImportError(
        f"course_lib needs {ROOM or 'Theano or PyTensor'}, which this Python does not have: "
        "python -m pip install -r requirements.lock"
    )
