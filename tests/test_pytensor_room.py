"""PyTensor's room: graphs as functions of numpy's calls, loops, random streams."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.backend import RandomStream, T, floatX, function, scan, shared, theano

A, B = floatX(np.arange(6).reshape(2, 3)), floatX(np.ones((2, 3)) / 3)


def agrees(inputs, outputs, *arrays):
    """Whether the course's functions compute what PyTensor's own virtual machine does."""
    ours = function(inputs, outputs)(*arrays)
    theirs = function(inputs, outputs, mode="FAST_COMPILE")(*arrays)
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)
        assert a.dtype == b.dtype and a.shape == b.shape


def test_nothing_is_compiled():
    assert theano.config.cxx == ""
    assert not function([], T.zeros(3)).maker.linker.__class__.__name__.startswith(("C", "VM"))


def test_elementwise_operations():
    x, y = T.matrices("xy")
    pairs = [x + y, x - y, x * y, x / (y + 1), T.maximum(x, y), x > y, T.eq(x, y), x**2]
    single = [T.exp(-x), T.log1p(x), T.tanh(y), T.sigmoid(y), T.sqr(x), T.sqrt(x), abs(-x)]
    several = [x + y + x * 2 + y, x * y * (x + 1), T.switch(x > y, x, y), T.clip(x, 1, 2)]
    agrees([x, y], [*pairs, *single, *several], A, B)


def test_whole_numbers_and_types():
    x, n = T.matrix(), T.lvector()
    outputs = [n + 1, n / 2, n * x, n // 2, n % 2, x.astype("int32"), T.neq(n, 1), n.sum()]
    agrees([x, n], [*outputs, T.sigmoid(n), T.sigmoid(x.sum())], A, np.arange(3))


def test_shapes_and_parts():
    x, cube = T.matrix(), T.tensor3()
    outputs = [
        *(x.T, x.dimshuffle(1, "x", 0), x.flatten(), x.reshape((3, 2)), x[:, ::-1], x[1], x[0, 2]),
        *(T.concatenate([x, x + 1], axis=1), T.stack([x, x]), T.inc_subtensor(x[:, 0], 5)),
        *(cube.dimshuffle(2, 0, 1), cube.sum(axis=0), cube.max(axis=-1), cube.mean(), cube[:, 1]),
        *T.split(x, [1, 2], n_splits=2, axis=1),
        *(T.dot(x, x.T), T.matmul(cube, cube.dimshuffle(0, 2, 1)), T.argmax(x, axis=1)),
    ]
    agrees([x, cube], outputs, A, np.stack([A, A + 1]))


def test_a_length_that_happens_to_be_1_is_not_spread():
    x, y = T.matrices("xy")
    run = function([x, y], x * y)
    assert run(A[:1], A[:1]).shape == (1, 3)
    with pytest.raises(ValueError, match=r"\(1, 3\), \(2, 3\) do not fit"):
        run(A[:1], A)


def test_an_error_shows_the_operation_that_it_comes_from():
    x, y = T.matrices("xy")
    with pytest.raises(ValueError, match="not aligned") as error:
        function([x, y], T.exp(T.dot(x + 1, y)))(A, A)
    assert "Apply node that caused the error: Dot(" in str(error.value)
    assert "Inputs shapes: [(2, 3), (2, 3)]" in str(error.value)


def test_an_error_in_a_loop_shows_the_operation_once():
    x, y = T.matrix(), T.vector()
    run = function([x, y], scan(lambda x_t, h: h + T.dot(x_t, y), [x], [T.zeros(())]))
    with pytest.raises(ValueError, match="not aligned") as error:
        run(A, A[0, :2])
    assert str(error.value).count("Apply node that caused the error: ") == 1


# --- loops ------------------------------------------------------------------------------------


def fibonacci(x):
    start = {"initial": T.stack([x[0], x[1]]), "taps": [-2, -1]}
    return scan(lambda a, b: a + b, outputs_info=start, n_steps=5)


def swapped(x):
    return scan(lambda a, b: [b, a], outputs_info=[x[0], x[1]], n_steps=3)


def state_and_more(x):
    h, twice = scan(lambda x_t, h: [0.5 * h + x_t, 2 * h], [x], [x[0], None])
    return [h, twice, h[-1], twice[0]]


def backwards(x):
    return scan(lambda x_t, h: 0.5 * h + x_t, [x], [x[0]], go_backwards=True)


def shifted(x):
    return scan(lambda a, b: a * b, sequences={"input": x, "taps": [-1, 1]})


def length_of_1(x):
    return scan(lambda x_t, h: x_t * h, [x[:, :1]], [x[0, :1]])


def handed_on(x):
    start = {"initial": T.stack([x[0], x[1]]), "taps": [-2, -1]}
    outputs = [start, None, None]
    return scan(lambda a, b: [T.tanh(b) + 1, a * b, a[::-1]], outputs_info=outputs, n_steps=4)


LOOPS = [fibonacci, swapped, state_and_more, backwards, shifted, length_of_1, handed_on]


@pytest.fixture(params=["room for two steps", "no room"])
def room(request):
    """States of which only the last is read have room for two steps, or are handed on."""
    mode = theano.compile.mode.get_default_mode()
    if request.param == "no room":
        mode = mode.excluding("scan_save_mem_prealloc").including("scan_save_mem_no_prealloc")
    with theano.config.change_flags(mode=mode):
        yield


@pytest.mark.parametrize("loop", LOOPS)
def test_loops(loop, room):
    x = T.matrix()
    outputs = loop(x)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    agrees([x], outputs, np.vstack([A, A]))
    agrees([x], [outputs[0][-1], *outputs[1:]], np.vstack([A, A]))
    agrees([x], [out[-1] for out in outputs], np.vstack([A, A]))


@pytest.mark.parametrize("loop", LOOPS)
def test_gradients_of_loops(loop):
    x = T.matrix()
    outputs = loop(x)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    agrees([x], [theano.grad(sum(T.sqr(out).sum() for out in outputs), x)], np.vstack([A, B]))


@pytest.mark.filterwarnings("ignore:Scan return signature will change")
def test_a_shared_variable_that_a_loop_changes_keeps_its_value_for_the_whole_step():
    x, total = T.matrix(), shared(A[0])

    def step(x_t):
        new = T.tanh(x_t + total)
        return [new, new * total], {total: new}

    (new, product), updates = theano.scan(step, [x])
    run = function([x], [new[-1], product], updates=updates)
    old, expected = A[0], []
    for x_t in A:
        expected.append(np.tanh(x_t + old) * old)
        old = np.tanh(x_t + old)
    last, products = run(A)
    np.testing.assert_allclose(products, expected, rtol=1e-6)
    np.testing.assert_allclose(last, old, rtol=1e-6)


def test_a_sequence_that_is_too_short_is_refused():
    x = T.matrix()
    run = function([x], scan(lambda x_t, h: x_t + h, [x], [x[0]], n_steps=3))
    with pytest.raises(ValueError, match="has 2 of 3"):
        run(A)


# --- where results are written -----------------------------------------------------------------

# Of square matrices, so that all fit together; `m` is T or numpy.
OPERATIONS = {
    "sum": lambda m, a, b: a + b,
    "sum of four": lambda m, a, b: a + 1 + b + a,
    "product": lambda m, a, b: a * b / 2,
    "tanh": lambda m, a, b: m.tanh(a),
    "sigmoid": lambda m, a, b: T.sigmoid(a) if m is T else 1 / (1 + np.exp(-a)),
    "dot": lambda m, a, b: m.dot(a, b) / 2,
    "view": lambda m, a, b: a.T,
    "backwards": lambda m, a, b: a[::-1],
    "join": lambda m, a, b: m.concatenate([a[:1], b[1:]]),
    "spread": lambda m, a, b: a + b.sum(axis=0, keepdims=True) / 2,
}
X = np.random.default_rng(0).uniform(-1, 1, size=(4, 2, 2))
CONSTANT = np.array([[0.5, -0.5], [0.25, 1.0]])
numbers = st.integers(0, 20)
programs = st.lists(st.tuples(st.sampled_from(list(OPERATIONS)), numbers, numbers), max_size=8)


def four(kind):
    return st.tuples(kind, kind, kind, kind)


def carried_out(m, program, *arrays):
    """The arrays, and the result of each operation of `program` on those before it."""
    pool = [*arrays, m.constant(CONSTANT) if m is T else CONSTANT]
    for name, i, j in program:
        pool.append(OPERATIONS[name](m, pool[i % len(pool)], pool[j % len(pool)]))
    return pool


def test_an_array_of_which_a_part_is_given_out_is_not_written_to():
    x = T.matrix()
    whole = T.tanh(x)
    left, right = T.split(whole, [1, 2], n_splits=2, axis=1)
    agrees([x], [left, whole * left.sum()], A)


@settings(max_examples=25, deadline=None)
@given(programs, st.lists(numbers, min_size=1, max_size=4))
def test_no_result_is_written_over_what_is_still_read(program, chosen):
    x, y = T.dmatrices("xy")
    pool = carried_out(T, program, x, y)
    outputs = [pool[i % len(pool)] for i in chosen]
    run = function([x, y], outputs, on_unused_input="ignore")
    given = [X[0].copy(), X[1].copy()]
    expected = carried_out(np, program, *given)
    for _ in range(2):
        for i, array in zip(chosen, run(*given)):
            np.testing.assert_allclose(array, expected[i % len(pool)], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(given, X[:2])


@settings(max_examples=25, deadline=None)
@given(programs, four(numbers), four(st.booleans()), st.sampled_from([0, 1, 4]))
def test_a_loop_writes_over_nothing_that_is_still_read(program, chosen, whole, n):
    """Two states and two more outputs are any arrays of the step: old states, the same one twice;
    of each all steps are kept or the last one alone."""

    def step(m, *arrays):
        pool = carried_out(m, program, *arrays)
        return [pool[i % len(pool)] for i in chosen]

    x, start = T.dtensor3(), T.dmatrix()
    outputs = scan(lambda *a: step(T, *a), [x], [start, start + 1, None, None])
    kept = [every if all_ or n == 0 else every[-1] for every, all_ in zip(outputs, whole)]
    got = function([x, start], kept, on_unused_input="ignore")(X[:n], X[0])
    states, expected = [X[0], X[0] + 1], [[], [], [], []]
    for x_t in X[:n]:
        results = step(np, x_t, *states)
        states = results[:2]
        for every, result in zip(expected, results):
            every.append(result)
    for array, every, all_ in zip(got, expected, whole):
        if n == 0:
            assert len(array) == 0
        else:
            wanted = every if all_ else every[-1]
            np.testing.assert_allclose(array, wanted, rtol=1e-9, atol=1e-12)


def test_shared_variables_are_updated_and_results_are_arrays():
    total, x = shared(floatX(0)), T.scalar()
    add = function([x], total, updates=[(total, total + x)])
    assert [add(1), add(2), total.get_value()] == [0, 1, 3]
    assert type(add(1)) is type(total.get_value()) is np.ndarray


# --- random streams ---------------------------------------------------------------------------


def test_numbers_are_new_at_every_call_and_repeat_after_the_same_seed():
    stream = RandomStream()
    draw = function([], stream.uniform(0, 1, size=(4,)))
    stream.seed(1)
    first, second = draw(), draw()
    stream.seed(1)
    assert np.array_equal(draw(), first) and not np.array_equal(first, second)
    assert first.dtype == floatX(0).dtype and (first >= 0).all() and (first < 1).all()


def test_two_places_of_one_graph_draw_apart():
    stream = RandomStream()
    stream.seed(1)
    a, b = function([], [stream.uniform(0, 1, size=(4,)), stream.uniform(0, 1, size=(4,))])()
    assert not np.array_equal(a, b)
