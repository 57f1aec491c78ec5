"""The training loop: batches, progress, callbacks, and a stop when numbers stop being numbers."""

import sys

import numpy as np
from tqdm import tqdm

from course_lib.arguments import Configurable
from course_lib.backend import floatX, new_rng


class NonFiniteLossError(ValueError):
    """The loss became NaN or infinite; the model holds the last weights that gave a finite one."""


class History:
    """What `fit` returns: ``history["loss"]`` and so on, one number per finished epoch."""

    def __init__(self):
        self.history = {}
        self.epoch = []

    def add(self, epoch, logs):
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)


class Callback(Configurable):
    """Hooks into training; override what you need. A test is the validation after an epoch.

    `logs` maps names to numbers: at the end of a batch "loss" and "gradient_norm" (before
    clipping), at the end of an epoch "loss", the metrics, and their "val_" figures. Set
    ``self.model.stop_training = True`` to stop after this epoch.
    """

    model = None

    def on_train_begin(self): ...

    def on_epoch_begin(self, epoch): ...

    def on_batch_end(self, batch, logs): ...

    def on_test_begin(self): ...

    def on_epoch_end(self, epoch, logs): ...

    def on_train_end(self): ...


class EarlyStopping(Callback):
    """Stops when `monitor` has not fallen by more than `min_delta` for `patience` epochs.

    The weights of the best epoch are put back at the end of training, whatever ended it.
    Raises ValueError at the end of the first epoch if there is no such figure.
    """

    def __init__(self, monitor="val_loss", min_delta=0.0, patience=0):
        self.monitor = monitor
        self.min_delta = float(min_delta)
        self.patience = patience
        # Accuracy is better when higher; losses and errors when lower.
        self.sign = -1 if monitor.endswith(("acc", "accuracy")) else 1

    def on_train_begin(self):
        self.best, self.best_epoch, self.best_weights, self.wait = np.inf, None, None, 0

    def on_epoch_end(self, epoch, logs):
        if self.monitor not in logs:
            raise ValueError(
                f"EarlyStopping monitors {self.monitor!r}, but there is only "
                f"{', '.join(logs)}; validation_split=0.1 adds the val_ figures"
            )
        value = self.sign * logs[self.monitor]
        if value < self.best - self.min_delta:
            self.best, self.best_epoch, self.wait = value, epoch, 0
            self.best_weights = self.model.get_weights()
            return
        self.wait += 1
        if self.wait >= self.patience:
            self.model.stop_training = True

    def on_train_end(self):
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)


def progress_bar(total, **options):
    """tqdm's bar with a text before it, on standard output."""
    return tqdm(
        total=total,
        file=sys.stdout,
        desc="compiling ...",
        bar_format="{desc} |{bar:16}| {elapsed}<{remaining}{postfix}",
        mininterval=0.3,
        ascii=" -",
        **options,
    )


class ProgressBar(Callback):
    """One line that says what is going on: compiling, or the epoch with loss and time left.

    Written to standard output with carriage returns, so that terminals and notebooks show
    the same line and a saved notebook keeps nothing but its last state.
    """

    def __init__(self, epochs, batches):
        self.epochs = epochs
        self.batches = batches

    def on_train_begin(self):
        self.bar = progress_bar(self.epochs * self.batches)

    def on_epoch_begin(self, epoch):
        self.bar.set_description(f"epoch {epoch + 1}/{self.epochs}", refresh=False)

    def on_test_begin(self):
        if self.bar.n == self.batches:  # after the first epoch
            self.bar.set_description("compiling ...")

    def on_batch_end(self, batch, logs):
        if batch == 0 and self.bar.n == 0:
            # The wait for the compiler says nothing about the time left.
            self.bar.start_t = self.bar.last_print_t = self.bar._time()
        self.bar.update()

    def on_epoch_end(self, epoch, logs):
        figures = ", ".join(f"{name} {value:.4g}" for name, value in logs.items())
        self.bar.set_postfix_str(figures, refresh=False)
        self.on_epoch_begin(min(epoch + 1, self.epochs - 1))

    def on_train_end(self):
        self.bar.close()


def padded_batches(order, batch_size):
    """(indices, present) of every batch of the samples in `order`, all of `batch_size`.

    Compiled functions have a fixed batch size: the last batch is filled up with its first sample,
    for which `present` is 0 in place of 1, which keeps the filling out of every mean.
    """
    for start in range(0, len(order), batch_size):
        indices = order[start : start + batch_size]
        missing = batch_size - len(indices)
        present = np.ones(batch_size)
        present[len(indices) :] = 0
        yield np.concatenate([indices, np.repeat(indices[:1], missing)]), present


def weighted_batches(data, batch_size, order):
    """(X, y, weights, present) of every batch of `data`, all of the same size, in this order."""
    X, y, weights = data
    for indices, present in padded_batches(order, batch_size):
        yield X[indices], y[indices], floatX(weights[indices]), floatX(present)


def whole_batch(data):
    """All of `data` as the one batch that the functions of a model read."""
    return next(weighted_batches(data, len(data[0]), np.arange(len(data[0]))))


def mean_figures(names, batches):
    """Loss and metrics by name: means over `batches`, each the sums of `Graph.measured`.

    Raises ValueError if nothing counts in any of them.
    """
    *totals, weight = np.sum([np.asarray(sums, "float64") for sums in batches], axis=0)
    if not weight:
        raise ValueError("there is nothing to average: every time step is masked or has weight 0")
    return {name: float(total / weight) for name, total in zip(names, totals)}


class Training:
    """One run of `fit`: the callbacks that it tells, its history, and the weights to go back to."""

    def __init__(self, model, callbacks, verbose):
        self.model = model
        self.callbacks = list(callbacks or ())
        self.verbose = verbose
        self.history = History()
        self.rng = new_rng()
        self.last_finite = None  # all that a step changes, as it was when the loss was finite

    def run(self, data, validation, epochs, shuffle):
        """Train on `data` (X, y, sample_weight), checked already. Returns a History.

        `validation` is such data too, or None. An interrupt (Ctrl-C, the stop button) ends
        training early: the weights so far stay.
        """
        n, batch_size = len(data[0]), self.model.batch_size
        if self.verbose:
            self.callbacks.append(ProgressBar(epochs, -(-n // batch_size)))
        self.model.stop_training = False
        for callback in self.callbacks:
            callback.model = self.model
        self.tell("on_train_begin")
        try:
            step = self.model.train_function(data[0].shape[1:], batch_size)
            for epoch in range(epochs):
                self.tell("on_epoch_begin", epoch)
                order = self.rng.permutation(n) if shuffle else np.arange(n)
                batches = weighted_batches(data, batch_size, order)
                logs = mean_figures(self.model.figure_names, self.train(step, batches))
                if validation is not None:
                    logs.update(self.validate(validation))
                self.history.add(epoch, logs)
                self.tell("on_epoch_end", epoch, logs)
                if self.model.stop_training:
                    break
        except KeyboardInterrupt:
            if self.verbose:
                message = f"interrupted in epoch {self.epoch}: the weights so far are in the model"
                tqdm.write(message, file=sys.stdout)
        finally:
            self.tell("on_train_end")
        return self.history

    @property
    def epoch(self):
        """The number of the epoch under way, from 1 on."""
        return len(self.history.epoch) + 1

    def tell(self, hook, *arguments):
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments)

    def train(self, step, batches):
        """Change the weights by one step per batch. Yields the sums of `Graph.measured` of each."""
        for batch, (X, y, weights, present) in enumerate(batches):
            before = [v.get_value() for v in self.model.variables]
            with np.errstate(all="ignore"):  # what overflows is reported below
                *sums, norm = np.array(step(X, y, weights, present))
            loss = sums[0] / sums[-1] if sums[-1] else 0.0
            if not np.isfinite(loss):
                # The weights before this batch gave the loss that is not finite, so they are bad
                # too unless it is the first one; the ones before them gave a finite loss.
                self.last_finite = self.last_finite or before
                self.give_up(f"the loss became {loss}", batch)
            self.last_finite = before
            logs = {"loss": float(loss), "gradient_norm": float(norm)}
            self.tell("on_batch_end", batch, logs)
            yield sums
        if not all(np.isfinite(w.get_value(borrow=True)).all() for w in self.model.weights):
            self.give_up("weights became NaN or infinite", batch)

    def validate(self, data):
        """Figures on `data`, from zero states; stateful layers then go on where they were."""
        self.tell("on_test_begin")
        states = [(state, state.get_value()) for state in self.model.states]
        self.model.reset_states()
        figures = self.model.test(data, self.model.batch_size)
        for state, value in states:
            state.set_value(value)
        if not np.isfinite(figures["loss"]):
            self.give_up(f"the validation loss became {figures['loss']}")
        return {f"val_{name}": value for name, value in figures.items()}

    def give_up(self, what, batch=None):
        """Put the last good weights back and raise NonFiniteLossError."""
        for variable, value in zip(self.model.variables, self.last_finite):
            variable.set_value(value)
        where = f"epoch {self.epoch}" + ("" if batch is None else f", batch {batch + 1}")
        raise NonFiniteLossError(
            f"{what} in {where}; the model keeps the last weights that gave a finite loss. "
            "Try a lower learning_rate, or clipnorm=1.0 in the optimizer."
        )
