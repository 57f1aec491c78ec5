"""For every exercise: right answers written differently, and mistakes of other hands.

The mistakes that a check knows by name stand with the exercise, and are tested there. What is here
was written without a look at them. One module per chapter with two dicts. `RIGHT` maps an exercise
to a list of answers; `MISTAKES` to a list of pairs, an answer and words that the message about it
contains. Where a check takes several answers, one entry is a tuple of them.
"""
