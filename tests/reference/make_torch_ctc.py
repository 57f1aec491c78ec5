"""Reference figures from PyTorch (float64) for connectionist temporal classification."""

import numpy as np
import torch

torch.set_default_dtype(torch.float64)


def case(seed, time, classes, labels, lengths=None):
    """Losses, and their gradients with respect to the logits; class 0 is the blank."""
    torch.manual_seed(seed)
    logits = torch.randn(len(labels), time, classes, requires_grad=True)
    lengths = torch.tensor([time] * len(labels) if lengths is None else lengths)
    counts = torch.tensor([len(row) for row in labels])
    y = torch.zeros(len(labels), max(counts), dtype=torch.long)
    for row, given in zip(y, labels):
        row[: len(given)] = torch.tensor(given)
    log_p = logits.log_softmax(dim=-1)
    loss = torch.nn.functional.ctc_loss(
        log_p.transpose(0, 1), y, lengths, counts, blank=0, reduction="none"
    )
    w = torch.rand(len(labels)) + 0.5  # another weight for every sequence
    (w * loss).sum().backward()
    out = {"logits": logits, "y": y, "lengths": lengths, "w": w, "loss": loss}
    out["dlogits"] = logits.grad
    return {name: value.detach().numpy() for name, value in out.items()}


def save(path, **cases):
    flat = {f"{name}/{k}": v for name, c in cases.items() for k, v in c.items()}
    np.savez_compressed(path, **flat)
    print(path, len(flat))


save(
    "torch_ctc_reference.npz",
    one_label=case(1, 6, 3, [[1], [2]]),
    several_lengths=case(2, 9, 5, [[1, 2, 3, 4], [4], [2, 1], [3, 1, 2]]),
    repeats=case(3, 9, 4, [[1, 1], [2, 2, 2, 2], [1, 2, 2, 1], [3, 3, 1, 1]]),
    just_enough=case(4, 5, 4, [[1, 2, 3, 2, 1], [1, 1, 1], [2, 2, 3, 1], [3, 2, 1, 1]]),
    masked=case(5, 12, 6, [[1, 2, 3], [5, 5], [4], [2, 3, 3, 1]], lengths=[12, 3, 1, 7]),
    long=case(6, 80, 11, [[3, 1, 4, 1, 5, 9, 2, 6], [10, 10, 7], [2], [8, 8]], [80, 61, 40, 7]),
)
