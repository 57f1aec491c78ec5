"""What a check says: *right*, *not yet* and why, or *not attempted*."""

from dataclasses import dataclass, fields
from html import escape

RIGHT, NOT_YET, NOT_ATTEMPTED = "right", "not yet", "not attempted"

# A symbol and a color that people with any kind of color vision can tell apart; the words say
# the same.
LOOKS = {RIGHT: ("✔", "#009E73"), NOT_YET: ("✘", "#E69F00"), NOT_ATTEMPTED: ("○", "#999999")}

# Under this type a notebook's outputs hold verdicts for `course.py check` to read.
MIME = "application/vnd.rnn-course.verdict+json"


@dataclass(frozen=True)
class Verdict:
    """The state of one exercise, and for *not yet* one sentence about what is wrong."""

    exercise: str
    state: str
    message: str = ""

    @classmethod
    def from_output(cls, values):
        """The verdict in an output: what stands there under `MIME`. ValueError if it is none."""
        names = [field.name for field in fields(cls)]
        whole = isinstance(values, dict) and sorted(values) == sorted(names)
        if not (whole and all(isinstance(value, str) for value in values.values())):
            raise ValueError(f"a verdict is a dict of texts, {', '.join(names)}, got {values!r}")
        if values["state"] not in LOOKS:
            raise ValueError(f"a state is one of {', '.join(LOOKS)}, got {values['state']!r}")
        return cls(**values)

    def __repr__(self):
        symbol, _ = LOOKS[self.state]
        return f"{symbol} {self.exercise} {self.state}" + (self.message and f": {self.message}")

    def as_html(self):
        """A colored bar, the symbol, the state in bold, and the message."""
        symbol, color = LOOKS[self.state]
        return (
            f'<div style="border-left: 6px solid {color}; padding: 4px 10px">'
            f"{symbol} <b>{self.exercise} {self.state}</b>"
            f"{escape(self.message and ': ' + self.message)}</div>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        """Jupyter shows the HTML; a terminal the text."""
        values = {"exercise": self.exercise, "state": self.state, "message": self.message}
        return {"text/plain": repr(self), "text/html": self.as_html(), MIME: values}
