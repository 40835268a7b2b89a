"""Plot what a training run has written into its log."""

from __future__ import annotations

import json
from pathlib import Path


def plot_log(log: Path, picture: Path) -> None:
    """Draw every loss of a JSON-lines log over the steps, the validation scores below.

    Counts of objects stay out, they would flatten the scores.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    rows = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(6, 6), sharex=True)
    names = sorted({name for row in rows for name in row} - {"step", "seconds"})
    names = [name for name in names if not name.startswith("objects")]
    for name in names:
        points = [(row["step"], row[name]) for row in rows if name in row]
        axis = upper if name.startswith("loss") else lower
        axis.plot(*zip(*points, strict=True), label=name, linewidth=1)
    upper.set_yscale("log")
    lower.set_xlabel("step")
    for axis in (upper, lower):
        axis.grid(alpha=0.3)
        if axis.lines:
            axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(picture, dpi=80)
    plt.close(figure)
