"""Random numbers in a graph."""

import numpy as np
from pytensor import config
from pytensor.graph.traversal import ancestors
from pytensor.tensor.random import shared_rng


class RandomStream:
    """Random numbers that are new at every call of a function; each place in a graph that draws
    has a generator of its own. Without a seed they differ from run to run."""

    def __init__(self):
        self.generators = []
        self.seeds = np.random.SeedSequence()

    def seed(self, seed):
        """Let every place in a graph, those that are there and those to come, draw anew."""
        self.seeds = np.random.SeedSequence(seed)
        for generator, each in zip(self.generators, self.seeds.spawn(len(self.generators))):
            generator.set_value(np.random.default_rng(each))

    def uniform(self, low, high, size):
        """Numbers from `low` up to `high` in an array of this symbolic shape."""
        (seed,) = self.seeds.spawn(1)
        generator = shared_rng(np.random.default_rng(seed))
        self.generators.append(generator)
        generator.tag.next, numbers = generator.uniform(low, high, size=size)
        return numbers.astype(config.floatX)


def random_updates(symbols):
    """What the generators become that a function with these outputs draws from: a list of pairs
    for its `updates`."""
    return [(x, x.tag.next) for x in ancestors(symbols) if hasattr(x.tag, "next")]
