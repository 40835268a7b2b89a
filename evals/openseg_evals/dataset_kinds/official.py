"""A data set whose metric reads the official files as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openseg_evals.samples import EvalSample


@dataclass(frozen=True)
class OfficialDataset:
    """A split whose truth needs no conversion.

    Attributes:
        samples: Its samples.
        official: The file or folder that the metric takes as truth.
        metric_options: Conventions of the metric that the data set fixes.
    """

    samples: Sequence[EvalSample]
    official: Path
    metric_options: Mapping[str, str] = field(default_factory=dict)

    def truth(self, workdir: Path) -> Path:
        """The official file or folder; nothing is written."""
        return self.official
