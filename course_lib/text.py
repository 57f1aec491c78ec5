"""Text as numbers and back: symbols, streams for training."""

import numpy as np

from course_lib.checks import positive_int, whole_numbers


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
