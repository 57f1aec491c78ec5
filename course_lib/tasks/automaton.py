"""Graphs that generate strings, and what can be said exactly about these strings."""

from itertools import count

import numpy as np

REBER_SYMBOLS = "BTSXPVE"

# From each state, the next symbol and the state it leads to. State 7 is the end of the string.
REBER = (
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
)


def embedded(inner):
    """The graph of B, T or P, `inner` Reber strings, the same T or P, E."""
    branch = inner * len(REBER) + 1  # its states: the Reber strings, and the T or P after them
    last = 2 + 2 * branch
    graph = [{"B": 1}, {"T": 2, "P": 2 + branch}]
    for outer in "TP":
        for _ in range(inner):
            offset = len(graph)  # the end of one copy is the start of what follows
            graph += [{symbol: to + offset for symbol, to in edges.items()} for edges in REBER]
        graph.append({outer: last})
    return [*graph, {"E": last + 1}]


class Automaton:
    """Random walks through a graph whose edges are symbols, chosen with equal probability.

    graph: for each state a dict {symbol: next state} with one or two entries; the state
    after the last one is the end, or with `endless` the start again.
    """

    def __init__(self, graph, symbols, endless=False):
        self.graph, self.symbols, self.end = graph, symbols, len(graph)
        # The next state, or -1 for a symbol that is not allowed. The last column, which
        # index -1 picks, is padding: it changes nothing.
        self.next = np.full((self.end + 1, len(symbols) + 1), -1)
        self.next[:, -1] = np.arange(self.end + 1)
        # Both sides of a coin; a state with one edge has the same symbol on both.
        self.coin = np.full((self.end + 1, 2), -1)
        for state, edges in enumerate(graph):
            for symbol, to in edges.items():
                self.next[state, symbols.index(symbol)] = to % self.end if endless else to
            self.coin[state] = symbols.index(min(edges)), symbols.index(max(edges))
        self.allowed = self.next[:, :-1] >= 0

    def walk(self, num_samples, rng, length=None):
        """Symbol numbers (num_samples, time) until all have ended (-1 is padding), or `length`."""
        state, columns = np.zeros(num_samples, dtype=int), []
        for _ in range(length) if length else count():
            if (state == self.end).all():
                break
            columns.append(self.coin[state, rng.integers(0, 2, num_samples)])
            state = self.next[state, columns[-1]]
        return np.stack(columns, axis=1)

    def states(self, numbers):
        """The state after each symbol, (num_samples, time); ValueError if one is not allowed."""
        state, columns = np.zeros(len(numbers), dtype=int), []
        for column in numbers.T:
            state = self.next[state, column]
            columns.append(state)
        states = np.stack(columns, axis=1)
        wrong = np.argwhere(states < 0)
        if len(wrong):
            sample, time = wrong[0]
            symbol = self.symbols[numbers[sample, time]]
            raise ValueError(
                f"X must hold strings of the grammar, got {symbol!r} at time step {time} of "
                f"sample {sample}, where it is not allowed"
            )
        return states

    def visits(self):
        """How often each state is left in one string, on average.

        The start once, any state also as often as the edges into it are taken:
        v = start + P^T v, with P the probabilities of going from state to state.
        """
        P = np.zeros((self.end, self.end + 1))
        for state, edges in enumerate(self.graph):
            for to in edges.values():
                P[state, to] += 1 / len(edges)
        return np.linalg.solve(np.eye(self.end) - P[:, :-1].T, np.eye(self.end)[0])

    def choices(self):
        """Average entropy of one string in nats: ln 2 for every choice between two edges."""
        return float(self.visits() @ np.log([len(edges) for edges in self.graph]))

    def counts(self):
        """How often each symbol occurs in one string, on average."""
        occurrences = np.zeros(len(self.symbols))
        for visits, edges in zip(self.visits(), self.graph):
            for symbol in edges:
                occurrences[self.symbols.index(symbol)] += visits / len(edges)
        return occurrences
