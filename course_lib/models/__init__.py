"""Models, with Keras's interface."""

from course_lib.models.sequential import Sequential, load_model

__all__ = ["Sequential", "load_model"]
