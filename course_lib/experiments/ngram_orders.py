"""How many characters should an n-gram look at? Two ways of smoothing, on Python's manual.

The validation part is the end of the training text: what is chosen there says nothing yet about the
text for testing.
"""

from course_lib.baselines import KneserNey, NGram
from course_lib.experiments.manual import manual_in_two

SMOOTHING = {"Witten-Bell": NGram, "Kneser-Ney": KneserNey}
SETTINGS = [{"smoothing": name, "n": n} for name in SMOOTHING for n in range(1, 11)]
VALIDATION = 0.08  # of the training text: 7 % of all


def run(smoothing, n):
    """Bits per character on the validation part, and of all of the training text on the test."""
    vocabulary, before, after = manual_in_two()
    cut = round((1 - VALIDATION) * len(before))

    def bits(known, new):
        model = SMOOTHING[smoothing](n, len(vocabulary)).fit([known])
        return round(float(model.bits(new).mean()), 4)

    return {"validation": bits(before[:cut], before[cut:]), "test": bits(before, after)}
