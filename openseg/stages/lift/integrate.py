"""Objects of a 3D path and of a 2D path made into one set, pair by pair.

Ton et al., "Zero-Shot Dual-Path Integration Framework for Open-Vocabulary 3D Instance
Segmentation", OpenSUN3D 2024, arXiv:2408.08591.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Instances3D, Phrases, Sightings


@stage("lift.integrate")
class Integrate(Stage):
    """Merges what both paths found; keeps the finer of two where one holds the other.

    Scores of the paths are of different kinds, so each path's are divided by its best. A merged
    object has the union of points, the phrase of the path that is surer, and the evidence of both.
    """

    class Config(StageConfig):
        """Settings of `lift.integrate`."""

        min_share_3d: float = Field(
            0.5,
            gt=0,
            le=1,
            description="Share of a 3D object that must lie in a 2D one for 'most of it'. Ours: "
            "the paper calls it theta 3D and gives no number.",
        )
        min_share_2d: float = Field(
            0.5, gt=0, le=1, description="The same for a 2D object, theta 2D; ours."
        )

    class Outputs(NamedTuple):
        """One set of objects: merged ones, then those of the 3D path, then those of the 2D path."""

        instances: Batch[Instances3D]

    def run(self, path_3d: Batch[Instances3D], path_2d: Batch[Instances3D]) -> Outputs:
        """Integrates every scene's two sets."""
        pairs = zip(path_3d, path_2d, strict=True)
        return self.Outputs([self._integrate(first, second) for first, second in pairs])

    def _integrate(self, first: Instances3D, second: Instances3D) -> Instances3D:
        import torch

        plan = scenes.integration.plan(
            first, second, self.config.min_share_3d, self.config.min_share_2d
        )
        sets = scenes.point_sets.joined(first, second)
        scores = torch.cat([one.scores / _best(one) for one in (first, second)])
        rows = [(a, b + len(first)) for a, b in plan.merged]
        rows += [(a, a) for a in plan.first]
        rows += [(b + len(first), b + len(first)) for b in plan.second]
        index = torch.tensor(rows, dtype=torch.int64, device=scores.device).reshape(-1, 2)
        surer = torch.where(scores[index[:, 0]] >= scores[index[:, 1]], index[:, 0], index[:, 1])
        new = torch.arange(len(rows), device=scores.device)
        owners, points, evidence = [new[:0]], [new[:0]], []
        for number, parts in enumerate(rows):
            for part in dict.fromkeys(parts):
                own = sets.of(part)
                owners.append(torch.full_like(own, number))
                points.append(own)
                if sets.evidence is not None:
                    evidence.append((number, part))
        return scenes.point_sets.from_pairs(
            torch.cat(owners),
            torch.cat(points),
            scores[surer],
            sets.total,
            None if sets.phrases is None else Phrases(sets.phrases.take(surer.tolist()).items),
            None if sets.evidence is None else _gathered(sets.evidence, evidence),
        )


def _best(some: Instances3D) -> float:
    best = float(some.scores.max()) if len(some) else 1.0
    return best if best > 0 else 1.0


def _gathered(sightings: Sightings, pairs: list[tuple[int, int]]) -> Sightings:
    """The evidence of parts, numbered by the objects that they went into."""
    from dataclasses import replace

    taken = sightings.take([part for _, part in pairs])
    numbers = taken.instances.new_tensor([number for number, _ in pairs])
    return replace(taken, instances=numbers[taken.instances])
