"""A bidirectional LSTM that has heard strings of digits, and was never told when each was said."""

from course_lib.experiments import connected_digits as experiment
from course_lib.training import progress_bar

SETTING = experiment.SETTINGS[0]
NETWORK = ["architecture", "units", "dropout", "learning_rate", "clipnorm"]
TRAINING = [
    *["seed", "stretch", "short_epochs", "epochs"],
    *["strings", "batch_size", "learning_rate"],
]
COUNT = 400  # strings to measure on, without noise and with it


def train(verbose=1):
    """The trained model; 3 to 10 minutes on one core."""
    model = experiment.model_for(*(SETTING[name] for name in NETWORK))
    bar = progress_bar(SETTING["short_epochs"] + SETTING["epochs"], disable=not verbose)

    def after_epoch(epoch, loss):
        bar.set_description(f"epoch {epoch + 1}", refresh=False)
        bar.set_postfix_str(f"loss {loss:.3g}", refresh=False)
        bar.update()

    training = {name: SETTING[name] for name in TRAINING}
    experiment.fit(model, callback=after_epoch, **training)
    bar.close()
    return model


def measure(model):
    """Label error rates on strings of unheard voices, and the share of those without error."""
    return {**SETTING, "parameters": model.count_params(), **experiment.scores(model, COUNT)}
