"""How well a cloud, poses, depth and intrinsics fit together, and what would fit better.

A point that a picture shows lies on the measured surface, or behind it, hidden. A point in front
contradicts the picture, and so does a part of the picture with none of its points on the surface.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg import ops
from openseg.types import Camera, Frame

if TYPE_CHECKING:
    from torch import Tensor

WITHIN = 0.05
"""Metres that a point may lie from the measured surface; ScanNet's methods take the same."""

PER_PART = 8
"""Points shown in a part of a picture on average: few parts are without one by chance."""


@dataclass(frozen=True, eq=False)
class View:
    """What one frame measured.

    Attributes:
        camera: The camera of the depth map.
        depth: float32 `[h, w]` metres, 0 where none.
    """

    camera: Camera
    depth: Tensor


@dataclass(frozen=True, eq=False)
class Probe:
    """A frame, and the points that should lie on what it measured.

    Attributes:
        frame: The frame.
        view: What it measured.
        points: float32 `[n, 3]` in the world, or another frame, which gives the points it saw.
    """

    frame: Frame
    view: View
    points: Tensor | View

    def positions(self) -> Tensor:
        """The points, float32 `[n, 3]` in the world."""
        if isinstance(self.points, View):
            return ops.geometry.unproject(self.points.depth, self.points.camera)[0]
        return self.points


@dataclass(frozen=True)
class ViewAgreement:
    """Where the points of a cloud lie as one frame sees them.

    Attributes:
        frame: The frame's name.
        points: Points of the cloud.
        in_picture: Points that fall into the picture.
        measured: Those of them where the depth map holds a depth.
        on_surface: Those within 5 cm of it.
        in_front: Those nearer by more.
        hidden: Those farther by more.
        parts: Parts of the picture with points, large enough to hold several that are not hidden.
        parts_on_surface: Those of them that have points on the surface.
        median_depth: Median of the depth map in metres; 0 if it is empty.
    """

    frame: str
    points: int
    in_picture: int
    measured: int
    on_surface: int
    in_front: int
    hidden: int
    parts: int
    parts_on_surface: int
    median_depth: float


def compare(probe: Probe, within: float = WITHIN) -> ViewAgreement:
    """Counts where the points of a probe lie.

    Args:
        probe: The frame and the points.
        within: Metres that a point may lie from the measured surface.
    """
    view, positions = probe.view, probe.positions()
    inside = ops.geometry.in_picture(positions, view.camera)
    measured = view.depth.reshape(-1)[inside.pixels]
    there = measured > 0
    away = (inside.depth - measured)[there]
    on_surface = away.abs() <= within
    shown = int((away <= within).sum())
    cells = _cells(inside.pixels[there], view.camera.size, shown)
    known = view.depth[view.depth > 0]
    return ViewAgreement(
        frame=probe.frame.name,
        points=len(positions),
        in_picture=len(inside.points),
        measured=len(away),
        on_surface=int(on_surface.sum()),
        in_front=shown - int(on_surface.sum()),
        hidden=len(away) - shown,
        parts=_different(cells),
        parts_on_surface=_different(cells[on_surface]),
        median_depth=float(known.median()) if len(known) else 0.0,
    )


def _different(numbers: Tensor) -> int:
    return int(numbers.bincount().count_nonzero())


def _cells(pixels: Tensor, size: tuple[int, int], shown: int) -> Tensor:
    """The part of a picture that each pixel lies in: squares with `PER_PART` points shown each."""
    height, width = size
    side = (PER_PART * height * width / max(shown, 1)) ** 0.5
    side = max(1, round(min(side, min(size) / 8)))
    cells: Tensor = pixels // width // side * width + pixels % width // side
    return cells


def share(views: Sequence[ViewAgreement]) -> float | None:
    """Share of points within 5 cm of what is measured, among those not hidden.

    Returns:
        None if no point lies where something was measured.
    """
    on_surface = sum(view.on_surface for view in views)
    shown = on_surface + sum(view.in_front for view in views)
    if not any(view.measured for view in views):
        return None
    return on_surface / max(shown, 1)


def covered(views: Sequence[ViewAgreement]) -> float | None:
    """Share of parts of the pictures that have points on the surface, among those with points.

    It tells a cloud that lies behind everything from one that is seen.

    Returns:
        None if no point lies where something was measured.
    """
    parts = sum(view.parts for view in views)
    return sum(view.parts_on_surface for view in views) / parts if parts else None


def agreement(views: Sequence[ViewAgreement]) -> float:
    """The lower one of `share` and `covered`, 0 to 1; 0 if nothing can be compared."""
    return min(share(views) or 0.0, covered(views) or 0.0)


@dataclass(frozen=True)
class Explanation:
    """A common mistake: what it is called, how it is put right, and the right reading.

    Attributes:
        what: The mistake.
        fix: What to do.
        view: A view as it would be without the mistake.
        cloud: A cloud as it would be without it.
        scale: What it multiplies depth by.
    """

    what: str
    fix: str
    view: Callable[[View], View] = lambda view: view
    cloud: Callable[[Tensor], Tensor] = lambda positions: positions
    scale: float = 1.0

    def without(self, probe: Probe) -> ViewAgreement:
        """How a probe agrees without the mistake."""
        if isinstance(probe.points, View):
            # The whole scene grows with its depth, and the distances within it.
            corrected = Probe(probe.frame, self.view(probe.view), self.view(probe.points))
            return compare(corrected, WITHIN * self.scale)
        return compare(Probe(probe.frame, self.view(probe.view), self.cloud(probe.points)))


def explain(probes: Sequence[Probe], lowest: float) -> Explanation | None:
    """The mistake that explains best why points and frames disagree.

    Args:
        probes: Frames and points that disagree.
        lowest: The agreement that the scene must reach without the mistake, 0 to 1; it must also
            leave no more than a third of what contradicts.

    Returns:
        None if no common mistake explains it.
    """
    before = agreement([compare(probe) for probe in probes])
    shares = {one: agreement([one.without(probe) for probe in probes]) for one in MISTAKES}
    best = max(shares, key=lambda one: shares[one])
    enough = max(lowest, 1 - (1 - before) / 3)
    return best if shares[best] >= enough else None


def _depth(times: float, what: str, fix: str) -> Explanation:
    return Explanation(
        f"depth is {what}",
        fix,
        view=lambda view: View(view.camera, view.depth * times),
        scale=times,
    )


def _pose(change: Callable[[Tensor], Tensor]) -> Callable[[View], View]:
    def corrected(view: View) -> View:
        camera = Camera(view.camera.k, change(view.camera.pose), view.camera.size)
        return View(camera, view.depth)

    return corrected


def _inverse(pose: Tensor) -> Tensor:
    return ops.geometry.invert_pose(pose)


def _opengl(pose: Tensor) -> Tensor:
    return pose * pose.new_tensor([1.0, -1.0, -1.0, 1.0])


def _turned(positions: Tensor, sign: int) -> Tensor:
    """A cloud with its height axis taken from y to z, or back."""
    return positions[:, [0, 2, 1]] * positions.new_tensor([1, -sign, sign])


MISTAKES = (
    _depth(1e3, "1000 times too small", "divide depth_scale by 1000: depth is stored in metres"),
    _depth(1e-3, "1000 times too large", "multiply depth_scale by 1000: it is in millimetres"),
    _depth(0.2, "5 times too large", "multiply depth_scale by 5, as TUM stores depth"),
    _depth(5.0, "5 times too small", "divide depth_scale by 5"),
    _depth(1 / 6.5535, "6.55 times too large", "set depth_scale to 6553.5, as Replica stores it"),
    _depth(6.5535, "6.55 times too small", "divide depth_scale by 6.5535"),
    Explanation(
        "the poses take the world to the camera",
        "invert them: camera to world is needed",
        view=_pose(_inverse),
    ),
    Explanation(
        "the cameras have OpenGL axes",
        "negate the second and third column of each pose (y down, z forward)",
        view=_pose(_opengl),
    ),
    Explanation(
        "the poses take the world to cameras with OpenGL axes",
        "invert them, then negate the second and third column",
        view=_pose(lambda pose: _opengl(_inverse(pose))),
    ),
    Explanation(
        "the cloud has y up, the poses z up",
        "turn the cloud: (x, y, z) becomes (x, -z, y)",
        cloud=lambda positions: _turned(positions, 1),
    ),
    Explanation(
        "the cloud has z up, the poses y up",
        "turn the cloud: (x, y, z) becomes (x, z, -y)",
        cloud=lambda positions: _turned(positions, -1),
    ),
)
"""Mistakes that are made often enough to try."""
