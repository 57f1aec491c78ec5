"""The tests. A package, since Theano installs one of this name that would hide it."""
