"""All steps of a loop over time together, for cells that say what they keep and what they add."""

from course_lib.backend import T, scan


def parallel_scan(keep, add, initial):
    """All states of h_t = keep_t * h_{t-1} + add_t, in log2(time) rounds instead of `time` steps.

    `keep` and `add` are (time, batch, ...), `initial` (batch, ...). Two stretches of time are one
    of the same form, h -> keep2 * (keep1 * h + add1) + add2. In each round every stretch
    is joined with the one that ends where it begins, so stretches get twice as long, until all
    begin at the first step (Hillis & Steele, 1986; for networks: Martin & Cundy, 2018).
    """
    add = T.inc_subtensor(add[0], keep[0] * initial)
    time = keep.shape[0]

    def join(length, keep, add):
        # Before the first step there is nothing to join: h -> 1 * h + 0.
        nothing = T.zeros_like(keep[:length])
        keep_before = T.concatenate([nothing + 1, keep[:-length]])
        add_before = T.concatenate([nothing, add[:-length]])
        return keep * keep_before, add + keep * add_before

    rounds = T.maximum(T.ceil(T.log2(time)), 1).astype("int64")  # scan cannot do none
    lengths = 2 ** T.arange(rounds)
    _, added = scan(join, [lengths], [keep, add])
    return added[-1]
