"""What the experiments have in common: a compiled network, and a start from new weights."""

from functools import lru_cache

from course_lib.backend import set_random_seed
from course_lib.losses import SparseCategoricalCrossentropy
from course_lib.optimizers import Adam

# The seeds of one setting follow each other: its network is compiled for the first one only.
compile_once = lru_cache(maxsize=1)


def compiled(model, learning_rate, clipnorm=1.0, loss=None, metrics=()):
    """The model, ready to be trained with Adam, its gradient clipped by the global norm.

    Without another `loss` its outputs are the logits of classes.
    """
    loss = loss or SparseCategoricalCrossentropy(from_logits=True)
    model.compile(Adam(learning_rate, global_clipnorm=clipnorm), loss, metrics)
    return model


def start_anew(model, seed):
    """Let the seed decide all that is random from here on, the weights first."""
    set_random_seed(seed)
    if model.built:
        model.reset_weights()
