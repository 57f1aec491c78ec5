"""Text as numbers and back: symbols, streams for training, bits per symbol, generating.

`StepByStep` is what generating needs of a model: one symbol in, the probabilities of the next
one out, with the states kept in between (Graves, 2013, arXiv:1308.0850).
"""

import numpy as np

from course_lib.arguments import (
    finite_array,
    number_in,
    positive_int,
    whole_number_from,
    whole_numbers,
)
from course_lib.backend import T, function, new_rng, softmax, theano
from course_lib.layers import Bidirectional, Recurrent
from course_lib.training import Callback


class Vocabulary:
    """Numbers for symbols, characters or words, in the order given.

    With `unknown`, one of the symbols, every symbol that is not in the vocabulary becomes
    this one; without it, it is an error.
    """

    def __init__(self, symbols, unknown=None):
        self.symbols = list(symbols)
        self.numbers = {symbol: i for i, symbol in enumerate(self.symbols)}
        if len(self.numbers) != len(self.symbols):
            raise ValueError("a symbol stands twice in the vocabulary")
        if unknown is not None and unknown not in self.numbers:
            raise ValueError(f"unknown={unknown!r} is not one of the symbols")
        self.unknown = unknown

    def __len__(self):
        return len(self.symbols)

    def encode(self, text):
        """The numbers of the symbols of `text`, a string or a list of words.

        Raises ValueError for a symbol that is not in the vocabulary.
        """
        other = self.numbers.get(self.unknown)
        numbers = [self.numbers.get(symbol, other) for symbol in text]
        if None in numbers:
            i = numbers.index(None)
            raise ValueError(f"{text[i]!r}, at position {i}, is not in the vocabulary")
        return np.array(numbers, dtype="int32")

    def decode(self, numbers):
        """The symbols of `numbers`, a list."""
        numbers = np.asarray(numbers)
        if numbers.size:
            whole_numbers("numbers", numbers, len(self), "symbol numbers")
        return [self.symbols[int(i)] for i in numbers]


def streams(numbers, batch_size, time):
    """Cut one long sequence for a stateful model: X and y of shape (rows, time).

    The sequence becomes `batch_size` streams that are read side by side, `time` symbols at a
    time: row `i` of a batch goes on where row `i` of the batch before ended, so fit with this
    batch size and shuffle=False. y is one symbol later. What is left over at the end, fewer
    than ``batch_size * time + 1`` symbols, is not used. Raises ValueError if nothing is.
    """
    numbers = np.asarray(numbers)
    batch_size, time = positive_int("batch_size", batch_size), positive_int("time", time)
    chunks = (len(numbers) - 1) // (batch_size * time)
    if chunks < 1:
        raise ValueError(
            f"{batch_size} streams of {time} symbols need at least {batch_size * time + 1} "
            f"symbols, got {len(numbers)}"
        )
    used = chunks * batch_size * time

    def cut(part):
        return part.reshape(batch_size, chunks, time).swapaxes(0, 1).reshape(-1, time)

    return cut(numbers[:used]), cut(numbers[1 : used + 1])


class ResetStates(Callback):
    """Sets the states of a stateful model to zero before the first epoch and after every one.

    `fit` goes from the last batch of an epoch to the first batch of the next, that is from the
    end of the text back to its beginning, and the old states do not belong there.
    """

    def on_train_begin(self):
        self.model.reset_states()

    def on_epoch_end(self, epoch, logs):
        self.model.reset_states()


# --- from a model to text -----------------------------------------------------------------


def temperature(p, degree):
    """Probabilities `p` (..., size) made sharper (`degree` below 1) or flatter (above 1).

    log p divided by `degree`, and normalized again: p ** (1 / degree) up to a factor. In the
    limit 0 only the most probable symbol is left; 1 changes nothing.
    """
    p = finite_array("p", p)
    degree = number_in("temperature", degree, np.nextafter(0, 1), np.inf)
    with np.errstate(divide="ignore"):
        log_p = np.log(p.astype("float64"))
    scaled = np.exp((log_p - log_p.max(axis=-1, keepdims=True)) / degree)
    return scaled / scaled.sum(axis=-1, keepdims=True)


def top_k(p, k):
    """Probabilities `p` (..., size) with all but the `k` largest set to 0, normalized again.

    Of symbols that are equally probable at the limit those that come first stay.
    """
    p, k = finite_array("p", p), positive_int("top_k", k)
    rank = np.argsort(np.argsort(-p, axis=-1, kind="stable"), axis=-1)
    kept = np.where(rank < k, p, 0)
    return kept / kept.sum(axis=-1, keepdims=True)


def adjusted(p, degree=1.0, k=None):
    """`p` after `temperature` and, unless `k` is None, `top_k`."""
    p = temperature(p, degree)
    return p if k is None else top_k(p, k)


class StepByStep:
    """A trained model that reads one sequence, symbol by symbol, and remembers its states.

    The model takes symbol numbers (its first layer is an Embedding) or symbols as one-hot
    vectors, and gives the next symbol at every step or at the last one. Its own states, those
    of stateful training, are not touched. Raises ValueError for a model that must see the
    whole sequence at once.
    """

    def __init__(self, model):
        model.require_built("StepByStep")
        for layer in model.layers:
            if isinstance(layer, Bidirectional) or getattr(layer, "go_backwards", False):
                raise ValueError(f"layer {layer.name!r} reads from the end: it cannot go on")
        self.cells = [layer.cell for layer in model.layers if isinstance(layer, Recurrent)]
        first = model.layers[0]
        self.size = first.input_shape[-1] if first.dtype is None else first.input_dim
        self.run = model.cached(("one step",), lambda: self.compiled(model))
        self.reset()

    def compiled(self, model):
        """A function from the number of a symbol and all states to probabilities and states."""
        symbol = T.iscalar("symbol")
        states = [T.TensorType(value.dtype, [False] * value.ndim)() for value in self.start()]
        if model.layers[0].dtype is None:
            x = T.eq(T.arange(self.size), symbol).astype(theano.config.floatX)
            x = x.dimshuffle("x", "x", 0)
        else:
            x = symbol.dimshuffle("x", "x")
        old, new, mask = list(states), [], None
        for layer in model.layers:
            next_mask = layer.compute_mask(x, mask)
            if isinstance(layer, Recurrent):
                count = len(layer.states)
                counts = None if mask is None else mask[0]
                after, old = layer.step(x[0], old[:count], counts), old[count:]
                new += after
                x = after[0].dimshuffle("x", 0, 1) if layer.return_sequences else after[0]
            else:
                x = layer(x, mask=mask)
            mask = next_mask
        # Without a loss, a last layer with softmax tells that outputs are probabilities.
        if model.loss.from_logits if model.loss else not gives_probabilities(model):
            x = softmax(x)
        return function([symbol, *states], [x.flatten(), *new])

    def reset(self):
        """Forget all that was read."""
        self.states = self.start()

    def start(self):
        """The states of all layers before the first symbol."""
        return [value for cell in self.cells for value in cell.initial_values(1)]

    def read(self, numbers):
        """Read symbols; the probabilities of the next one after each, (len(numbers), size)."""
        numbers = finite_array("numbers", numbers).ravel()
        whole_numbers("numbers", numbers, self.size, "symbol numbers")
        after = []
        for number in numbers.tolist():
            p, *self.states = self.run(number, *self.states)
            after.append(p)
        return np.array(after)


def gives_probabilities(model):
    """Whether the last layer ends in softmax."""
    return getattr(model.layers[-1], "options", {}).get("activation") == "softmax"


def bits_per_symbol(model, numbers, context=()):
    """What a model needs per symbol to tell `numbers`: the mean of -log2 p, in bits.

    The model reads `context`, symbol numbers too, and then the sequence, and is scored on every
    symbol of it; without a context not on the first one, before which nothing stands. For
    characters this is called bits per character; 2 to its power is the perplexity. Raises
    ValueError for fewer than two symbols, and if there is padding among them.
    """
    numbers, context = (np.asarray(part, dtype="int64").ravel() for part in (numbers, context))
    if len(numbers) < 2:
        raise ValueError(f"bits_per_symbol needs at least 2 symbols, got {len(numbers)}")
    sequence = np.concatenate([context, numbers])
    if getattr(model.layers[0], "mask_zero", False) and not sequence.all():
        raise ValueError("symbol 0 is padding for this model (mask_zero=True): leave it out")
    scored = len(numbers) if len(context) else len(numbers) - 1
    p = StepByStep(model).read(sequence[:-1])[-scored:]
    chosen = p[np.arange(scored), sequence[-scored:]]
    return float(-np.log2(np.maximum(chosen, np.finfo(p.dtype).tiny)).mean())


def generate(model, vocabulary, prompt, length, temperature=1.0, top_k=None, seed=None):
    """Go on after `prompt` for `length` symbols, each drawn from what the model predicts.

    Returns what was written, without the prompt: a string if `prompt` is one, else a list of
    symbols. `temperature` and `top_k` change the probabilities as the functions of these names
    do, `top_k` after `temperature`; the same `seed` gives the same text. Raises ValueError for
    an empty prompt, and for a symbol in it that the vocabulary does not have.
    """
    reader = StepByStep(model)
    if reader.size != len(vocabulary):
        raise ValueError(
            f"the model knows {reader.size} symbols, the vocabulary {len(vocabulary)}: they must "
            "belong together"
        )
    if len(prompt) == 0:
        raise ValueError("the prompt is empty: give at least one symbol to go on from")
    length = whole_number_from(0, "length", length)
    rng = new_rng() if seed is None else np.random.default_rng(seed)
    p = reader.read(vocabulary.encode(prompt))[-1]
    written = []
    for u in rng.random(length):
        edges = np.cumsum(adjusted(p, temperature, top_k))
        # The first symbol whose edge lies beyond u: symbols of probability 0 are never drawn.
        written.append(int(np.searchsorted(edges, u * edges[-1], side="right")))
        p = reader.read(written[-1:])[0]
    symbols = vocabulary.decode(written)
    return "".join(symbols) if isinstance(prompt, str) else symbols
