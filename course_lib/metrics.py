"""What training reports besides the loss. A metric gives one number per sample (and step)."""

from course_lib import losses
from course_lib.arguments import one_of
from course_lib.backend import T, floatX


def accuracy(y, output, loss):
    """1 where the most probable class is the right one, else 0."""
    if not isinstance(loss, losses.BinaryCrossentropy):
        right = y if loss.integer_targets else T.argmax(y, axis=-1)
        return T.eq(T.argmax(output, axis=-1), right).astype(output.dtype)
    threshold = floatX(0 if loss.from_logits else 0.5)
    return T.eq(output > threshold, y > floatX(0.5)).astype(output.dtype).mean(axis=-1)


def mae(y, output, loss):
    """Absolute error."""
    return losses.MeanAbsoluteError()(y, output)


def mse(y, output, loss):
    """Squared error."""
    return losses.MeanSquaredError()(y, output)


METRICS = {"acc": accuracy, "accuracy": accuracy, "mae": mae, "mse": mse}


def get(name, loss):
    """The metric called `name`, checked against `loss`: ValueError if they do not go together."""
    metric = one_of("metric", name, METRICS)
    classifies = isinstance(loss, losses.CrossEntropy) and not loss.reads_mask
    if metric is accuracy and not classifies:
        raise ValueError(
            f"{name} counts right classes, so it needs a cross-entropy loss; "
            "for numbers choose mae or mse"
        )
    if metric in (mae, mse) and loss.integer_targets:
        raise ValueError(f"{name} compares numbers; for class numbers choose accuracy")
    return metric
