"""A file that is no saved model, is damaged, or was made to do harm, is refused with its name."""

import copy
import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest

from course_lib.layers import Dense
from course_lib.models import Sequential, load_model, saving


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def plan_of(path):
    with np.load(path) as file:
        return json.loads(str(file["plan"])), {n: file[n] for n in file.files if n != "plan"}


def with_plan(path, **changes):
    """Change some entries of a saved model's description; None removes one."""
    plan, weights = plan_of(path)
    plan = {name: value for name, value in {**plan, **changes}.items() if value is not None}
    np.savez(path, plan=np.array(json.dumps(plan)), **weights)


def with_layer(path, **changes):
    plan, _ = plan_of(path)
    with_plan(path, layers=[{**plan["layers"][0], **changes}])


def with_weights(path, **changes):
    plan, weights = plan_of(path)
    weights = {name: w for name, w in {**weights, **changes}.items() if w is not None}
    np.savez(path, plan=np.array(json.dumps(plan)), **weights)


def npy(path):
    with open(path, "wb") as file:
        np.save(file, np.zeros(3))


def truncated(path):
    path.write_bytes(path.read_bytes()[:-100])


def flipped(path):
    content = bytearray(path.read_bytes())
    content[content.index(b"weight_0") + 150] ^= 255
    path.write_bytes(bytes(content))


NO_MODELS = {
    "a text file": lambda path: path.write_text("GRU, 32 units\n"),
    "an empty file": lambda path: path.write_bytes(b""),
    "a truncated file": truncated,
    "a flipped byte": flipped,
    "a single array": npy,
    "arrays without a plan": lambda path: np.savez(path, weight_0=np.zeros((3, 1))),
    "a plan that is no JSON": lambda path: np.savez(path, plan=np.array("{")),
    "a plan that is a list": lambda path: np.savez(path, plan=np.array("[1]")),
    "a plan without layers": lambda path: with_plan(path, layers=None),
    "a layer that does not exist": lambda path: with_layer(path, **{"class": "Nope"}),
    "a layer that is no layer": lambda path: with_layer(path, **{"class": "core"}),
    "a layer with an unknown option": lambda path: with_layer(path, config={"nope": 1}),
    "an optimizer that is none": lambda path: with_plan(
        path, compile={"optimizer": ["get", {}], "loss": ["Loss", {}], "metrics": []}
    ),
    "a weight missing": lambda path: with_weights(path, weight_1=None),
    "a weight too many": lambda path: with_weights(path, weight_2=np.zeros(1)),
    "a weight of another shape": lambda path: with_weights(path, weight_0=np.zeros((2, 1))),
    "an optimizer's array missing": lambda path: with_weights(path, optimizer_0=None),
    "an optimizer's array too many": lambda path: with_weights(path, optimizer_9=np.zeros(1)),
    "an optimizer's array of another shape": lambda path: with_weights(
        path, optimizer_1=np.zeros(2)
    ),
    "NaN in the optimizer's state": lambda path: with_weights(path, optimizer_0=np.array(np.nan)),
    "NaN in a weight": lambda path: with_weights(path, weight_1=np.array([np.nan])),
}


def member(path, name, content, **options):
    """Put `content` in place of one array's file in a saved model."""
    with zipfile.ZipFile(path) as archive:
        files = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(path, "w", **options) as archive:
        for each, kept in {**files, f"{name}.npy": content}.items():
            archive.writestr(each, kept)


def header(shape, kind="<f4", version=1):
    """The start of an array's file, with this shape and nothing behind it."""
    text = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + len(text).to_bytes(2 * version, "little") + text


def with_config(path, kind, input_shape, **config):
    with_plan(path, layers=[{"class": kind, "config": config}], input_shape=input_shape)


def nested(depth):
    """A recurrent layer wrapped so many times, as JSON."""
    inner = '{"class": "GRU", "config": {"units": 1}}'
    return '{"class": "Bidirectional", "config": {"layer": ' * depth + inner + "}}" * depth


def other_plan(path, text):
    member(path, "plan", plan_file(text))


def plan_file(text):
    file = io.BytesIO()
    np.save(file, np.array(text))
    return file.getvalue()


def overlapping(path):
    """A second entry for the same array, as large again."""
    with zipfile.ZipFile(path, "a") as archive:
        original = archive.getinfo("weight_0.npy")
        for i in range(1000):
            twin = copy.copy(original)
            twin.filename = f"other_{i}.npy"
            archive.filelist.append(twin)
        archive._didModify = True


def with_entry_byte(path, place, value):
    """Change one byte of the first entry in the archive's table of contents."""
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + place] = value
    path.write_bytes(bytes(content))


HUGE = 10**6
HOSTILE = {
    "a gigabyte of zeros in a megabyte": lambda path: member(
        path, "weight_0", header((2**28,)) + bytes(2**27), compression=zipfile.ZIP_DEFLATED
    ),
    "arrays that overlap": overlapping,
    "a shape without its content": lambda path: member(path, "weight_0", header((HUGE, HUGE))),
    "a negative shape": lambda path: member(path, "weight_0", header((-3, -1)) + bytes(12)),
    "items of no size": lambda path: member(path, "weight_0", header((3, 1), "<U0")),
    "a header nested deep": lambda path: member(
        path, "weight_0", header("(" * 20_000 + ")" * 20_000)
    ),
    "a header of ten million characters": lambda path: member(
        path, "weight_0", header("-" * 10_000_000 + "1", version=2)
    ),
    "a million million units": lambda path: with_config(path, "GRU", [5, 1], units=HUGE**2),
    "a million units": lambda path: with_config(path, "Dense", [3], units=HUGE),
    "a million units without a bias": lambda path: with_config(
        path, "GRU", [5, 1], units=HUGE, use_bias=False
    ),
    "a million units with a clock": lambda path: with_config(
        path, "ClockworkRNN", [5, 1], units=HUGE
    ),
    "a reservoir of a million units": lambda path: with_config(
        path, "EchoState", [5, 1], units=HUGE
    ),
    "an embedding of a million million symbols": lambda path: with_config(
        path, "Embedding", [None], input_dim=HUGE, output_dim=HUGE
    ),
    "a decoder of a million units": lambda path: with_config(
        path, "AttentionDecoder", [5, 1], symbols=HUGE, steps=HUGE, units=HUGE
    ),
    "an absurd input": lambda path: with_plan(path, input_shape=[HUGE**4]),
    "a number of a thousand digits": lambda path: with_config(path, "Dense", [3], units=10**1000),
    "a plan nested deep": lambda path: other_plan(path, "[" * 45_000 + "]" * 45_000),
    "a plan of a million characters": lambda path: other_plan(path, "[" * 500_000 + "]" * 500_000),
    "layers in layers": lambda path: other_plan(
        path, f'{{"format": 2, "input_shape": [3, 1], "layers": [{nested(200)}]}}'
    ),
    "two thousand layers": lambda path: with_plan(
        path, layers=[{"class": "Dropout", "config": {"rate": 0}}] * 2000
    ),
    "an encrypted array": lambda path: with_entry_byte(path, 8, 1),
    "an unknown compression": lambda path: with_entry_byte(path, 10, 99),
}


@pytest.fixture(scope="module")
def with_state():
    """A model whose optimizer keeps five arrays."""
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 1)), verbose=0)
    return model


@pytest.mark.parametrize("what", NO_MODELS)
def test_load_model_names_the_file_when_it_holds(what, tmp_path, with_state):
    path = tmp_path / "mine.npz"
    with_state.save(path)
    NO_MODELS[what](path)
    with pytest.raises(ValueError, match=r"mine\.npz"):
        load_model(path)


@pytest.mark.parametrize("what", HOSTILE)
def test_load_model_refuses_without_much_memory(what, tmp_path, with_state):
    path = tmp_path / "mine.npz"
    with_state.save(path)
    HOSTILE[what](path)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"mine\.npz"):
            load_model(path)
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()


def test_load_model_of_a_newer_format_names_the_file_and_both_versions(tmp_path, with_state):
    path = tmp_path / "mine.npz"
    with_state.save(path)
    with_plan(path, format=saving.FORMAT + 1)
    with pytest.raises(ValueError, match=r"mine\.npz has format 3.* reads formats up to 2.*update"):
        load_model(path)


def test_load_model_never_unpickles(tmp_path):
    bomb = np.array(Bomb(tmp_path / "exploded"), dtype=object)
    for name in ("plan", "weight_0"):
        arrays = {"plan": np.array("{}"), name: bomb}
        np.savez(tmp_path / "mine.npz", **arrays)
        with pytest.raises(ValueError, match=r"mine\.npz"):
            load_model(tmp_path / "mine.npz")
    assert not (tmp_path / "exploded").exists()


def test_load_model_of_a_missing_file_says_that_it_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mine\.npz"):
        load_model(tmp_path / "mine.npz")
