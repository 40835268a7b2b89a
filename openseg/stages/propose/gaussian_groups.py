"""Objects of any kind from 2D masks: features on Gaussians, fitted by contrast, then clustered.

Wiedmann, Wiehe and Rozenberszki, "DCSEG: Decoupled 3D Open-Set Segmentation using Gaussian
Splatting", OpenSUN3D 2025, arXiv:2412.10972, on Cen et al., "Segment Any 3D Gaussians",
arXiv:2312.00860. Each point of the cloud is a Gaussian here; none is moved or coloured.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, Instances3D, PointCloud, Sightings, ViewMasks, ViewRegions

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.ops.scenes.contrast import MaskedView


@stage("propose.gaussian_groups")
class GaussianGroups(Stage):
    """Groups the points whose Gaussians share masks, seen from all views."""

    class Config(StageConfig):
        """Settings of `propose.gaussian_groups`."""

        scale: float = Field(
            0.6,
            gt=0,
            description="Standard deviation of a Gaussian, in distances to neighbours. Ours: "
            "closes surfaces.",
        )
        opacity: float = Field(0.95, gt=0, le=1, description="Of every Gaussian. Ours.")
        longest_side: int = Field(
            160, ge=8, description="Pixels of a rendered view's longer side. Ours."
        )
        pixels: int = Field(
            1000, ge=2, description="Pixels drawn of a view. Source: DCSEG, 1000 rays a step."
        )
        max_pixels: int = Field(
            1_000_000,
            ge=2,
            description="Pixels of all views together; of more views each has fewer. Bounds the "
            "weights that are kept, about 650 bytes a pixel. Ours.",
        )
        channels: int = Field(
            16, ge=2, le=64, description="Numbers a Gaussian carries. Ours; DCSEG has 32."
        )
        steps: int = Field(
            100, ge=1, description="Steps of Adam. Ours; DCSEG has 10,000, of smaller ones."
        )
        views_at_once: int = Field(4, ge=1, description="Views drawn in a step. Ours; DCSEG: 1.")
        learning_rate: float = Field(0.2, gt=0, description="Of Adam. Ours: few, large steps.")
        neighbours: int = Field(
            16,
            ge=1,
            description="Features are averaged over this many nearest Gaussians. Source: SAGA, "
            "smooth_K.",
        )
        sample: int = Field(
            3000, ge=4, description="Gaussians that are clustered. DCSEG: every fiftieth."
        )
        min_cluster: int = Field(
            10, ge=2, description="The least of them in a cluster. Source: DCSEG."
        )
        epsilon: float = Field(
            0.01,
            ge=0,
            description="Clusters nearer than this are one. Source: DCSEG, "
            "cluster_selection_epsilon.",
        )
        min_cosine: float = Field(
            0.5,
            ge=-1,
            le=1,
            description="Gaussians less alike to every cluster are in none. Source: DCSEG.",
        )
        gap: float = Field(
            0.3,
            gt=0,
            description="Parts of a cluster with a cube of this side empty between them are "
            "objects of their own: what no view shows together is never pushed apart. Metres, "
            "ours.",
        )
        min_points: int = Field(
            50, ge=1, description="Smaller objects are dropped. Ours; ScanNet scores from 100 on."
        )
        min_overlap: float = Field(
            0.25,
            ge=0,
            le=1,
            description="Masks that overlap an object's pixels in their view less are no evidence "
            "of it. Ours.",
        )
        seed: int = Field(0, ge=0, description="Seed of features, views and draws.")

    class Outputs(NamedTuple):
        """Objects that share no points, surest first.

        The score is the mean overlap with the masks that are their evidence.
        """

        instances: Batch[Instances3D]

    def run(
        self,
        frames: Batch[Frames],
        cloud: Batch[PointCloud],
        regions: Batch[ViewRegions],
        masks: Batch[ViewMasks],
    ) -> Outputs:
        """Groups every scene's points."""
        import torch

        columns = zip(frames, cloud, regions, masks, strict=True)
        with torch.inference_mode(mode=False):  # a caller's would refuse to fit anything
            return self.Outputs([self._group(*one) for one in columns])

    def _group(
        self, frames: Frames, cloud: PointCloud, regions: ViewRegions, masks: ViewMasks
    ) -> Instances3D:
        import torch

        config, used = self.config, regions.used()
        views = self._views(frames, cloud, regions, masks) if len(cloud) else []
        group = torch.full((len(cloud),), -1, dtype=torch.int64, device=cloud.positions.device)
        if any(len(one.inside) for one in views):
            schedule = scenes.contrast.Schedule(
                config.channels,
                config.steps,
                config.views_at_once,
                config.learning_rate,
                config.seed,
            )
            features, known = scenes.contrast.smoothed(
                cloud.positions,
                *scenes.contrast.fit(views, len(cloud), schedule),
                config.neighbours,
                config.gap,
            )
            group = self._clustered(cloud.positions, features, known)
        return self._objects(frames, group, regions, views, used)

    def _views(
        self, frames: Frames, cloud: PointCloud, regions: ViewRegions, masks: ViewMasks
    ) -> list[MaskedView]:
        """The drawn pixels of each view that has masks."""
        import torch

        config, used = self.config, regions.used()
        random = torch.Generator().manual_seed(config.seed)
        gaussians = scenes.splatting.of_points(cloud.positions, config.scale, config.opacity)
        splatter = scenes.gpu_splatting.best(cloud.positions.device)
        count = min(config.pixels, max(2, config.max_pixels // max(len(used), 1)))
        views = []
        for row in used:
            camera = frames[row].camera
            small = scenes.splatting.reduced(camera, config.longest_side)
            inside = scenes.contrast.at_size(masks, regions.of_view(row), camera.size, small.size)
            pixels = scenes.contrast.drawn_pixels(inside, count, random)
            view = splatter.view(gaussians, small, pixels)
            views.append(scenes.contrast.MaskedView(view, inside.flatten(1)[:, pixels].T))
        return views

    def _clustered(self, positions: Tensor, features: Tensor, known: Tensor) -> Tensor:
        """The object of each point, int64 `[n]`; -1 for none."""
        import torch
        from torch.nn.functional import normalize

        config = self.config
        rows = known.nonzero()[:, 0]
        random = torch.Generator().manual_seed(config.seed)
        chosen = rows[torch.randperm(len(rows), generator=random)[: config.sample].to(rows.device)]
        labels = torch.from_numpy(
            scenes.density.cluster(
                features[chosen].double().cpu().numpy(), config.min_cluster, config.epsilon
            )
        ).to(rows.device)
        count = int(labels.max()) + 1
        if not count:
            return torch.full_like(known, -1, dtype=torch.int64)
        centres = features.new_zeros(count, features.shape[1])
        centres.index_add_(0, labels[labels >= 0], features[chosen][labels >= 0])
        alike, best = (features @ normalize(centres, dim=1).T).max(dim=1)
        group = torch.where(known & (alike >= config.min_cosine), best, -1)
        cut = scenes.density.parts(
            positions.double().cpu().numpy(), group.cpu().numpy(), config.gap
        )
        return torch.from_numpy(cut).to(rows.device)

    def _objects(
        self,
        frames: Frames,
        group: Tensor,
        regions: ViewRegions,
        views: list[MaskedView],
        used: list[int],
    ) -> Instances3D:
        """Groups that are large enough, with the masks of each view that show them."""
        import torch

        names, sizes = torch.unique(group, return_counts=True)
        names = names[(names >= 0) & (sizes >= self.config.min_points)]
        points = torch.isin(group, names).nonzero()[:, 0]
        rows = torch.searchsorted(names, group[points])
        nothing = regions.scores.new_zeros(len(names))
        found = scenes.point_sets.from_pairs(rows, points, nothing, len(group))
        owners, masks, overlaps = [rows[:0]], [rows[:0]], [regions.scores[:0]]
        for view, masked in zip(used, views, strict=True):
            shown = (scenes.splatting.shares(masked.view, found) > 0.5).float()
            inside = masked.inside.to(shown.dtype)
            both = shown.T @ inside
            union = shown.sum(dim=0)[:, None] + inside.sum(dim=0) - both
            best, which = (both / union.clamp(min=1)).max(dim=1)
            good = (best >= self.config.min_overlap).nonzero()[:, 0]
            owners.append(good)
            masks.append(which[good] + regions.of_view(view).start)
            overlaps.append(best[good])
        order = torch.cat(owners).argsort(stable=True)
        owner, mask = torch.cat(owners)[order], torch.cat(masks)[order]
        weight = torch.cat(overlaps)[order]
        count = torch.bincount(owner, minlength=len(names)).clamp(min=1)
        scores = torch.zeros_like(found.scores).index_add_(0, owner, weight) / count
        evidence = Sightings(
            owner, regions.views[mask], regions.boxes[mask], mask, weight, frames.names
        )
        found = replace(found, scores=scores, evidence=evidence)
        return found.take(scores.argsort(descending=True, stable=True).tolist())
