"""The training loop: batches, progress, callbacks, and a stop when numbers stop being numbers."""

import sys

import numpy as np
from tqdm import tqdm

from course_lib.backend import floatX


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


class Callback:
    """Hooks into training; override what you need.

    `logs` maps names to numbers: at the end of a batch "loss" and "gradient_norm" (before
    clipping), at the end of an epoch "loss", the metrics, and their "val_" figures. Set
    ``self.model.stop_training = True`` to stop after this epoch.
    """

    model = None

    def on_train_begin(self):
        pass

    def on_batch_end(self, batch, logs):
        pass

    def on_epoch_end(self, epoch, logs):
        pass

    def on_train_end(self):
        pass


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
        self.sign = -1 if monitor.endswith("accuracy") else 1

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

    def show(self, epoch):
        self.bar.set_description(f"epoch {epoch + 1}/{self.epochs}", refresh=False)

    def show_compiling(self):
        self.bar.set_description("compiling ...")

    def on_batch_end(self, batch, logs):
        if batch == 0 and self.bar.n == 0:
            # The wait for the compiler says nothing about the time left.
            self.bar.start_t = self.bar.last_print_t = self.bar._time()
        self.bar.update()

    def on_epoch_end(self, epoch, logs):
        figures = ", ".join(f"{name} {value:.4g}" for name, value in logs.items())
        self.bar.set_postfix_str(figures, refresh=False)
        self.show(min(epoch + 1, self.epochs - 1))

    def on_train_end(self):
        self.bar.close()


def batches_of(n, batch_size, order):
    """Index arrays that together are `order`, all of `batch_size` but perhaps the last."""
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def padded(indices, batch_size):
    """`indices` filled up to `batch_size` with the first one, and weights 1 or 0 for them.

    Compiled functions have a fixed batch size; padding spares a second compilation for the
    last, smaller batch. Weight 0 keeps the filling out of every mean.
    """
    missing = batch_size - len(indices)
    weights = np.ones(batch_size)
    weights[len(indices) :] = 0
    return np.concatenate([indices, np.repeat(indices[:1], missing)]), weights


def weighted_batches(data, batch_size, order):
    """(X, y, weights) of every batch of `data`, all of the same size, samples in this order."""
    X, y, sample_weight = data
    for indices in batches_of(len(X), batch_size, order):
        indices, weights = padded(indices, batch_size)
        yield X[indices], y[indices], floatX(weights * sample_weight[indices])


def train(model, data, epochs, batch_size, shuffle, rng, validation, callbacks, verbose):
    """Run the loop; `data` is (X, y, sample_weight), checked already. Returns a History.

    An interrupt (Ctrl-C, the stop button) ends training early: the weights so far stay.
    """
    history, n = History(), len(data[0])
    bar = ProgressBar(epochs, -(-n // batch_size)) if verbose else None
    callbacks = [*(callbacks or ()), *([bar] if bar else [])]
    for callback in callbacks:
        callback.model = model
        callback.on_train_begin()
    model.stop_training, model.last_finite = False, None
    try:
        for epoch in range(epochs):
            order = rng.permutation(n) if shuffle else np.arange(n)
            logs = run_epoch(model, data, batch_size, order, epoch, callbacks, bar)
            if validation is not None:
                if bar and epoch == 0:
                    bar.show_compiling()
                figures = model.validate(validation, batch_size)
                if not np.isfinite(figures["loss"]):
                    give_up(model, f"the validation loss became {figures['loss']}", epoch)
                logs.update({f"val_{name}": value for name, value in figures.items()})
            history.add(epoch, logs)
            for callback in callbacks:
                callback.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    except KeyboardInterrupt:
        if verbose:
            bar.bar.write(
                f"interrupted in epoch {len(history.epoch) + 1}: the weights so far "
                "are in the model",
                file=sys.stdout,
            )
    finally:
        for callback in callbacks:
            callback.on_train_end()
    return history


def run_epoch(model, data, batch_size, order, epoch, callbacks, bar):
    """Train on every batch once. Returns the mean loss and metrics."""
    step = model.train_function(data[0].shape[1:], batch_size)
    if bar:
        bar.show(epoch)
    totals, weight = 0.0, 0.0
    for batch, (X, y, weights) in enumerate(weighted_batches(data, batch_size, order)):
        before = [v.get_value() for v in model.variables]
        with np.errstate(all="ignore"):  # what overflows is reported below
            *figures, norm = np.array(step(X, y, weights))
        if not np.isfinite(figures[0]):
            # The weights before this batch gave the loss that is not finite, so they are bad
            # too unless it is the first one; the ones before them gave a finite loss.
            model.last_finite = model.last_finite or before
            give_up(model, f"the loss became {figures[0]}", epoch, batch)
        model.last_finite = before
        totals, weight = totals + np.array(figures) * weights.sum(), weight + weights.sum()
        logs = {"loss": float(figures[0]), "gradient_norm": float(norm)}
        for callback in callbacks:
            callback.on_batch_end(batch, logs)
    if not all(np.isfinite(w.get_value(borrow=True)).all() for w in model.weights):
        give_up(model, "weights became NaN or infinite", epoch, batch)
    return dict(zip(model.figure_names, (totals / weight).tolist()))


def give_up(model, what, epoch, batch=None):
    """Put the last good weights back and raise NonFiniteLossError."""
    for variable, value in zip(model.variables, model.last_finite):
        variable.set_value(value)
    where = f"epoch {epoch + 1}" + ("" if batch is None else f", batch {batch + 1}")
    raise NonFiniteLossError(
        f"{what} in {where}; the model keeps the last weights that gave a finite loss. "
        "Try a lower learning_rate, or clipnorm=1.0 in the optimizer."
    )
