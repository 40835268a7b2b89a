"""What `openseg eval` is asked to do."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from openseg.graph.engine.local import LocalEngine
from openseg.graph.engine.work import Engine
from openseg.types.errors import UserError


@dataclass(frozen=True)
class Shard:
    """One of several equal shares of a benchmark.

    Attributes:
        number: Which, from 1.
        count: Of how many.
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Reads `2/8`.

        Raises:
            UserError: If it is not a share of a whole.
        """
        first, slash, second = text.partition("/")
        if not (slash and first.isdecimal() and second.isdecimal()):
            raise UserError(f"--shard {text} is not i/n", fix="write for example --shard 2/8")
        shard = cls(int(first), int(second))
        if not 1 <= shard.number <= shard.count:
            raise UserError(f"--shard {text} does not exist", fix=f"shards are 1 to {shard.count}")
        return shard

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @property
    def folder(self) -> str:
        """Where its run lies under the whole run's folder."""
        return f"shards/{self.number}-of-{self.count}"


@dataclass(frozen=True)
class EvalRequest:
    """What to evaluate, and how.

    Attributes:
        pipelines: Names of pipelines or YAML files.
        out: The folder of the evaluation.
        data: The folder that holds the data sets.
        weights: A profile or a folder of checkpoints.
        device: As in `openseg.load`.
        dtype: As in `openseg.load`.
        batch: The most samples a stage sees at once.
        limit: Only the first samples; all if None.
        shard: Only this share; all if None.
        oracle: Whether to replace stages by ground truth, too.
        overwrite: Whether an evaluation that lies in `out` is replaced.
        cache: A folder in which outputs of nodes are kept across runs, or None.
        engine: Where it is worked on; the bytes are the same wherever it is.
    """

    pipelines: tuple[str, ...]
    out: Path
    data: Path
    weights: str = "mini"
    device: str = "auto"
    dtype: str = "auto"
    batch: int = 8
    limit: int | None = None
    shard: Shard | None = None
    oracle: bool = False
    overwrite: bool = False
    cache: Path | None = None
    engine: Engine = field(default_factory=LocalEngine)


def default_data() -> Path:
    """The folder of data sets: `$OPENSEG_DATA`, or `data` where the command is given."""
    return Path(os.environ.get("OPENSEG_DATA") or "data")
