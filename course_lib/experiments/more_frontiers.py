"""How far back do the other architectures remember?

The experiment `memory_frontier` with the cells of chapter 11: same task, same training, fewer
seeds and lengths.
"""

from course_lib.experiments.memory_frontier import run, settings

__all__ = ["SETTINGS", "run"]

LONGEST = {
    "IndRNN": 400,
    "ClockworkRNN": 100,
    "EchoState": 100,
    "PeepholeLSTM": 100,
    "CoupledLSTM": 100,
    "LayerNormLSTM": 200,
    "UGRNN": 100,
    "MGU": 100,
    "MinGRU": 100,
    "PeepholeLSTM chrono": 400,
    "CoupledLSTM chrono": 400,
    "LayerNormLSTM chrono": 400,
    "UGRNN chrono": 400,
    "MGU chrono": 400,
    "MinGRU chrono": 400,
}

SETTINGS = settings(LONGEST, lengths=[20, 40, 100, 200, 400], seeds=range(3))
