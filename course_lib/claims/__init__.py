"""Sentences of the course that the computer checks, and the table of all of them:

`python -m course_lib.claims` lists what the chapters claim, from the outputs they were committed
with.
"""

from course_lib.claims.check import ClaimFailed, claim

__all__ = ["ClaimFailed", "claim"]
