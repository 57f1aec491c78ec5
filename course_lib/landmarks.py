"""Landmarks of the literature, and what becomes of them on a laptop: ``python -m
course_lib.landmarks``.

Each row compares a published result with a table of `data/`: the paper had other data, larger
networks and more training, so what is asked is whether its finding shows here, too.
"""

from statistics import median
from typing import Callable, NamedTuple

from course_lib import experiments

REPRODUCED, DIFFERS, REFUTED = "reproduced", "differs", "refuted"


class Landmark(NamedTuple):
    """A published result.

    source       authors and year
    published    its figures, or its words where it gives none
    experiment   the name of the table with ours; ``python -m course_lib.experiments NAME``
    measure      ``measure(rows)`` of that table: our figures as a text, and the verdict; its
                 docstring is what the paper found
    """

    source: str
    published: str
    experiment: str
    measure: Callable


LANDMARKS = []


def landmark(*facts):
    """Add a row: the facts of a `Landmark` in its order, and the function below as `measure`."""

    def add(measure):
        LANDMARKS.append(Landmark(*facts, measure))
        return measure

    return add


def verdict(shown, opposite):
    """Reproduced if the finding is `shown`, refuted if its `opposite` is, and else it differs.

    What a larger budget could still show is not refuted.
    """
    return REPRODUCED if shown else REFUTED if opposite else DIFFERS


def values(rows, name, **setting):
    """Column `name` of the rows with this setting: one value per seed. ValueError if none has."""
    found = [row[name] for row in rows if setting.items() <= row.items()]
    if not found:
        raise ValueError(f"no row with {setting}: this landmark needs a table with one")
    return found


def solved(rows, **setting):
    """How many of the seeds solved the task, and how many there are."""
    seeds = values(rows, "solved", **setting)
    return sum(seeds), len(seeds)


def apart(lower, higher):
    """Whether every seed of one lies below every seed of the other."""
    return max(lower) < min(higher)


# --- memory -----------------------------------------------------------------------------------


@landmark(
    "Hochreiter & Schmidhuber, 1997, experiment 6a",
    "31,390 sequences",
    "memory_frontier",
)
def temporal_order(rows):
    """An LSTM learns temporal order over 100 steps."""
    setting = {"architecture": "LSTM chrono", "length": 100}
    (k, n), steps = solved(rows, **setting), values(rows, "steps", **setting)
    (batch,) = {*values(rows, "batch_size", **setting)}
    sequences = median(steps) * batch
    return f"{k} of {n} seeds, median {sequences:,.0f} sequences", verdict(k == n, k == 0)


@landmark(
    "Tallec & Ollivier, 2018",
    "“greatly improve learning of long term dependencies”",
    "memory_frontier",
)
def chrono(rows):
    """Starting the gates at the length of the task lengthens the memory (chrono)."""
    usual = solved(rows, architecture="LSTM", length=100)
    longer = solved(rows, architecture="LSTM chrono", length=100)
    text = f"100 steps: {longer[0]} of {longer[1]} seeds with it, {usual[0]} of {usual[1]} without"
    return text, verdict(longer[0] == longer[1] and not usual[0], longer[0] < usual[0])


@landmark(
    "Le, Jaitly & Hinton, 2015",
    "“comparable to a standard implementation of LSTMs”",
    "memory_frontier",
)
def identity_start(rows):
    """A ReLU network started at the identity remembers as long as an LSTM."""
    irnn = solved(rows, architecture="IRNN", length=100)
    lstm = solved(rows, architecture="LSTM", length=100)
    text = f"100 steps: IRNN {irnn[0]} of {irnn[1]} seeds, LSTM {lstm[0]} of {lstm[1]}"
    return text, verdict(irnn[0] >= lstm[0], irnn[0] == 0 and lstm[0] == lstm[1])


# --- the parts of the LSTM --------------------------------------------------------------------


@landmark(
    "Gers, Schmidhuber & Cummins, 2000",
    "0 % of networks solve it without, 62 % with a forget gate",
    "gate_ablation",
)
def forget_gate_on_a_stream(rows):
    """On an endless stream an LSTM needs its forget gate."""
    task = "ContinualReber(100)"
    full = solved(rows, task=task, variant="all gates")
    without = solved(rows, task=task, variant="no forget gate")
    text = f"{without[0]} of {without[1]} seeds without, {full[0]} of {full[1]} with it"
    return text, verdict(full[0] > full[1] / 2 and without[0] == 0, without[0] >= full[0])


@landmark(
    "Hochreiter & Schmidhuber, 1997, experiment 1",
    "“Without output gates, we did not achieve fast learning”",
    "gate_ablation",
)
def output_gate(rows):
    """Without output gates an LSTM learns the embedded Reber grammar slowly."""
    full, without = (
        values(rows, "steps", task="EmbeddedReber(1)", variant=variant)
        for variant in ("all gates", "no output gate")
    )
    text = f"median {median(without):.0f} training steps without, {median(full):.0f} with it"
    return text, verdict(apart(full, without), median(without) <= median(full))


def compare_variant(rows, name):
    """The median errors of the LSTM and of a variant, and both lists."""
    vanilla, variant = (values(rows, "error", variant=each) for each in ("vanilla", name))
    text = f"error {median(variant):.3f} without, {median(vanilla):.3f} with it"
    return text, vanilla, variant


@landmark(
    "Greff et al., 2015",
    "5400 runs, three tasks",
    "lstm_variants",
)
def forget_gate(rows):
    """The forget gate is one of the LSTM's two critical parts."""
    text, vanilla, without = compare_variant(rows, "NFG")
    return text, verdict(apart(vanilla, without), apart(without, vanilla))


@landmark(
    "Greff et al., 2015",
    "5400 runs, three tasks",
    "lstm_variants",
)
def output_activation(rows):
    """The output activation is the other."""
    text, vanilla, without = compare_variant(rows, "NOAF")
    return text, verdict(apart(vanilla, without), apart(without, vanilla))


@landmark(
    "Greff et al., 2015",
    "no significant change on any task",
    "lstm_variants",
)
def peepholes(rows):
    """Peepholes can go without a loss."""
    text, vanilla, without = compare_variant(rows, "NP")
    between = not apart(vanilla, without) and not apart(without, vanilla)
    return text, verdict(between, apart(vanilla, without))


# --- other architectures ----------------------------------------------------------------------


@landmark(
    "Graves & Schmidhuber, 2005",
    "“bidirectional networks outperform unidirectional ones”",
    "spoken_digits",
)
def both_directions(rows):
    """Reading in both directions beats reading in one."""
    setting = {"frames": "in order", "training": "both", "test_voices": "every fourth"}
    one, two = (values(rows, "clean", directions=d, **setting) for d in (1, 2))
    text = f"accuracy {median(two):.3f} with two, {median(one):.3f} with one"
    return text, verdict(apart(one, two), apart(two, one))


@landmark(
    "Graves, Mohamed & Hinton, 2013; Pascanu et al., 2014",
    "on speech and music",
    "depth",
)
def depth(rows):
    """Deeper recurrent networks predict better."""
    one, two, three = (values(rows, "bits_3", layers=layers) for layers in (1, 2, 3))
    figures = " ".join(f"{median(bits):.2f}" for bits in (one, two, three))
    text = f"bits per character, 1, 2, 3 layers of equal size in all: {figures}"
    return text, verdict(apart(two, one) or apart(three, one), False)  # our budget is too small


@landmark(
    "Bahdanau, Cho & Bengio, 2015",
    "“conjecture that the use of a fixed-length vector is a bottleneck”",
    "date_translation",
)
def bottleneck(rows):
    """One vector for the whole source is a bottleneck, and attention removes it."""
    with_it, without = (values(rows, "exact", attention=a, steps=700) for a in (True, False))
    longer = values(rows, "exact", attention=False, steps=1400)
    text = (
        f"exact after 700 steps: {median(with_it):.3f} with, {median(without):.3f} without; "
        f"after 1400 {median(longer):.3f} without"
    )
    return text, verdict(apart(without + longer, with_it), False)


@landmark(
    "Sarrof et al., 2024; Grazzi et al., 2025",
    "proved",
    "cheaper_gates",
)
def parity(rows):
    """A linear recurrence that only keeps and adds, factors in [0, 1], cannot do parity."""
    wrong, gru = (values(rows, "result", task="parity", architecture=a) for a in ("MinGRU", "GRU"))
    text = f"wrong answers: minGRU {median(wrong):.2f}, GRU {median(gru):.2f}"
    return text, verdict(min(wrong) > 0.4 and max(gru) < 0.05, max(wrong) < 0.05)


@landmark(
    "Feng et al., 2024",
    "“match the empirical performance of recent sequence models”",
    "cheaper_gates",
)
def minimal_gru(rows):
    """A minimal GRU without recurrent weights does as well as a GRU."""
    setting = {"task": "characters", "layers": 1, "learning_rate": 0.01}
    minimal, gru = (values(rows, "result", **setting, architecture=a) for a in ("MinGRU", "GRU"))
    text = f"bits per character: minGRU {median(minimal):.2f}, GRU {median(gru):.2f}, one layer"
    return text, verdict(not apart(gru, minimal), False)


# --- text and training ------------------------------------------------------------------------


@landmark(
    "Chen & Goodman, 1999",
    "better than every other smoothing tried",
    "ngram_orders",
)
def kneser_ney(rows):
    """Modified Kneser-Ney smoothing makes the best n-grams."""
    known = {
        (row["smoothing"], row["n"]): (row["validation"], row["test"])
        for row in rows
        if row["n"] > 1
    }
    best = {name: min(v for (s, _), v in known.items() if s == name)[1] for name, _ in known}
    ahead = [known["Kneser-Ney", n][1] < known["Witten-Bell", n][1] for _, n in known]
    text = (
        f"bits per character, the order chosen on validation: {best['Kneser-Ney']:.2f}, "
        f"Witten–Bell {best['Witten-Bell']:.2f}"
    )
    return text, verdict(all(ahead), not any(ahead))


@landmark(
    "Krause et al., 2018",
    "lower perplexity and fewer bits per character on each data set",
    "learning_on",
)
def dynamic_evaluation(rows):
    """A network that goes on learning during the test predicts it better."""
    (still,), (learning,) = (values(rows, "gru", learning=on) for on in (False, True))
    text = f"bits per character: {learning:.2f} with, {still:.2f} without"
    return text, verdict(learning < still, learning > still)


@landmark(
    "S. Bengio et al., 2015",
    "better captions, parses and phonemes",
    "running_free",
)
def scheduled_sampling(rows):
    """Practice on its own predictions in training helps a network that runs freely."""
    practiced, forced = (
        values(rows, "free_50", training=way) for way in ("scheduled sampling", "teacher forcing")
    )
    text = (
        f"RMSE after 50 own predictions: {median(practiced):.2f} with, {median(forced):.2f} without"
    )
    return text, verdict(apart(practiced, forced), False)


# --- the table --------------------------------------------------------------------------------


def table():
    """All landmarks as the lines of a Markdown table.

    Raises ValueError if a table of `data/` is missing, or lacks a row.
    """
    lines = [
        "| finding | source | published | here | verdict | from |",
        "|---|---|---|---|---|---|",
    ]
    for each in LANDMARKS:
        here, outcome = each.measure(experiments.results(each.experiment))
        finding = each.measure.__doc__.rstrip(".")
        cells = (finding, each.source, each.published, here, outcome, f"`{each.experiment}`")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    print("\n".join(table()))
