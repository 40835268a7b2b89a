"""Joins the shards of an evaluation into the files one run would have written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openseg.types.errors import UserError
from openseg_evals.run.costs import Costs
from openseg_evals.run.folder import EvalFolder, read_state
from openseg_evals.run.predict import FAILURES, TIMINGS
from openseg_evals.tasks.task import Predictions


def shard_folders(out: Path, identity: Mapping[str, Any]) -> list[Path]:
    """The shards of an evaluation in order; none if it was not cut into shards.

    Args:
        out: The folder of the whole evaluation.
        identity: What the whole evaluation is; the shards must be of the same.

    Raises:
        UserError: If some are not finished, or are of another evaluation.
    """
    there = [path for path in (out / "shards").glob("*-of-*") if path.is_dir()]
    if not there:
        return []
    counts = {path.name.partition("-of-")[2] for path in there}
    if len(counts) > 1:
        what = f"shards of {' and of '.join(sorted(counts))} lie side by side"
        raise UserError(what, where=str(out / "shards"), fix="remove those you do not want")
    [count] = counts
    paths = [out / "shards" / f"{number}-of-{count}" for number in range(1, int(count) + 1)]
    states = [read_state(path) for path in paths]
    if lost := [p.name for p, state in zip(paths, states, strict=True) if not _whole(state)]:
        fix = "run these shards first, or choose another --out"
        raise UserError(f"not finished: {', '.join(lost)}", where=str(out / "shards"), fix=fix)
    for path, state in zip(paths, states, strict=True):
        assert state is not None  # noqa: S101 (all are whole)
        mine = {**json.loads(json.dumps(identity)), "shard": path.name.replace("-of-", "/")}
        if different := [key for key in mine if state["identity"].get(key) != mine[key]]:
            what = f"is of an evaluation that differs in: {', '.join(different)}"
            fix = "choose another --out, or remove the shards"
            raise UserError(what, where=str(path), fix=fix)
    return paths


def merge_shards(
    folder: EvalFolder, files: Mapping[str, Predictions], shards: Sequence[Path], samples: int
) -> None:
    """Writes predictions, failures and costs of all shards into the folder of the whole.

    Lines are joined in the order of the shards, which is the order of the samples. Any other file
    is of one image, so of one shard; a document that each shard wrote at its end is written anew.

    Args:
        folder: The folder of the whole.
        files: Its prediction files.
        shards: The finished shards, in order.
        samples: How many samples they hold together.
    """
    (folder.path / FAILURES).unlink(missing_ok=True)  # of a run without shards that was stopped
    for name in _relative_files(shards):
        parts = [shard / name for shard in shards if (shard / name).is_file()]
        if len(parts) == 1 or name.endswith(".jsonl"):
            _join(parts, folder.path / name)
    costs = [json.loads((shard / TIMINGS).read_text("utf-8")) for shard in shards]
    folder.write_json(TIMINGS, Costs.join(costs))
    for file in files.values():
        file.finish()
    folder.commit(samples, {}, finished=True)


def _join(parts: Sequence[Path], whole: Path) -> None:
    """One file after the other, never all of them in memory; a broken-off joining starts anew."""
    whole.parent.mkdir(parents=True, exist_ok=True)
    with whole.open("wb") as target:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, target)


def _whole(state: Mapping[str, Any] | None) -> bool:
    return state is not None and bool(state["finished"])


def _relative_files(shards: Sequence[Path]) -> list[str]:
    """Files with predictions and failures of any shard."""
    return sorted(
        {
            str(path.relative_to(shard))
            for shard in shards
            for path in [shard / FAILURES, *(shard / "predictions").rglob("*")]
            if path.is_file()
        }
    )
