"""From an encoder-decoder model to the symbols it writes: greedy search and beam search.

The model is a `Sequential` whose last layer is an `AttentionDecoder`.
"""

import numpy as np

from course_lib.arguments import positive_int
from course_lib.backend import T, function, log_softmax
from course_lib.layers import AttentionDecoder
from course_lib.layers.attention import NOTHING


def decoder_of(model):
    """The last layer of a built model, else ValueError."""
    model.require_built("decoding")
    decoder = model.layers[-1]
    if not isinstance(decoder, AttentionDecoder):
        raise ValueError(
            f"decoding needs a model that ends in AttentionDecoder, got {type(decoder).__name__}"
        )
    return decoder


def read_source(model, rank):
    """A symbol for sources with `rank` axes, and what the decoder reads of them."""
    x = model.symbolic_input(rank)
    return x, model.layers[-1].read(*model.forward(x, layers=model.layers[:-1]))


def until_nothing(symbols):
    """The symbols before the first 0, as a list."""
    symbols = [int(s) for s in symbols]
    return symbols[: symbols.index(NOTHING)] if NOTHING in symbols else symbols


def greedy(model, X):
    """For every source in X (samples, source steps) the target of the most probable symbols.

    Returns the targets, a list of lists without the 0 at their end, and the attention weights
    (samples, steps, source steps).
    """
    decoder = decoder_of(model)
    X = model.check_inputs(X)

    def make():
        x, read = read_source(model, X.ndim)
        logits, weights = decoder.free_running(read)
        return function([x], [T.argmax(logits, axis=-1), weights])

    symbols, weights = model.cached(("greedy",), make)(X)
    return [until_nothing(row) for row in symbols], weights


def beam_search(model, x, width=5):
    """The most probable target that a search with `width` beginnings finds, for one source.

    At each step every beginning is continued by every symbol, and the `width` most probable
    results stay; those that end in 0 are complete. Returns the target, a list, and its log
    probability in nats. With ``width=1`` this is greedy search; it is exact if `width` is not
    smaller than the number of beginnings (Sutskever, Vinyals & Le, 2014, used 1 to 12).
    """
    decoder, width = decoder_of(model), positive_int("width", width)
    X = model.check_inputs(np.asarray(x)[None])

    def make_read():
        x, read = read_source(model, X.ndim)
        return function([x], list(read))

    def make_step():
        symbols, state = T.lvector("symbols"), T.matrix("state")
        read = [T.tensor3("memory"), T.tensor3("keys"), T.matrix("closed")]
        new, context, _ = decoder.step(decoder.E[symbols], state, *read)
        outputs = [log_softmax(decoder.logits(new, context)), new]
        return function([symbols, state, *read], outputs, on_unused_input="ignore")

    read = model.cached(("read source",), make_read)(X)
    step = model.cached(("write symbol",), make_step)
    beginnings, scores = [[]], np.zeros(1)
    (states,) = decoder.cell.initial_values(1)
    complete = []
    for _ in range(decoder.steps):
        last = np.array([b[-1] if b else NOTHING for b in beginnings])
        rows = [np.repeat(part, len(beginnings), axis=0) for part in read]
        log_p, states = step(last, states, *rows)
        totals = scores[:, None] + log_p
        best = np.argsort(-totals, axis=None, kind="stable")[:width]
        rows, symbols = np.unravel_index(best, totals.shape)
        for row in rows[symbols == NOTHING]:
            complete.append((beginnings[row], totals[row, NOTHING]))
        open_rows, open_symbols = rows[symbols != NOTHING], symbols[symbols != NOTHING]
        if not len(open_rows):
            return max(complete, key=lambda pair: pair[1])
        beginnings = [[*beginnings[r], int(s)] for r, s in zip(open_rows, open_symbols)]
        scores, states = totals[open_rows, open_symbols], states[open_rows]
    return max([*complete, *zip(beginnings, scores)], key=lambda pair: pair[1])
