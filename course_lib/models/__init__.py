"""Models, with Keras's interface.

How a model is trained: `Sequential.fit` in `sequential` checks the data, `Training` in
`course_lib.training` goes through the batches, and `Graph.train_function` in `graph` is one step.
"""

from course_lib.models.sequential import Sequential, load_model

__all__ = ["Sequential", "load_model"]
