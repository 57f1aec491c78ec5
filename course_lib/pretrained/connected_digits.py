"""A bidirectional LSTM that has heard strings of digits, and was never told when each was said."""

from course_lib.experiments import connected_digits as experiment
from course_lib.training import progress_bar

SETTING = experiment.SETTINGS[0]
COUNT = 400  # strings to measure on, without noise and with it


def train(verbose=1, **changes):
    """The trained model; 3 to 10 minutes on one core. `changes` are other settings."""
    setting = {**SETTING, **changes}
    network = ("architecture", "units", "dropout", "learning_rate", "clipnorm")
    model = experiment.model_for(*(setting[name] for name in network))
    bar = progress_bar(setting["short_epochs"] + setting["epochs"], disable=not verbose)

    def after_epoch(epoch, loss):
        bar.set_description(f"epoch {epoch + 1}", refresh=False)
        bar.set_postfix_str(f"loss {loss:.3g}", refresh=False)
        bar.update()

    for name in ("architecture", "units", "dropout", "clipnorm"):
        del setting[name]
    experiment.fit(model, callback=after_epoch, **setting)
    bar.close()
    return model


def measure(model):
    """Label error rates on strings of unheard voices, and the share of those without error."""
    return {**SETTING, "parameters": model.count_params(), **experiment.scores(model, COUNT)}
