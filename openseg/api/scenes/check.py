"""Says before any model runs whether a scene's poses, axes, depth and intrinsics fit together.

The cloud is projected over three frames. Without a cloud, what one frame measured is projected over
another. What is wrong is named with its frames and the way to put it right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from openseg.api.scenes.agreement import (
    Probe,
    View,
    ViewAgreement,
    agreement,
    compare,
    covered,
    explain,
    share,
)
from openseg.graph.method.problem import Problem
from openseg.io.scenes.layout import read_scene
from openseg.io.scenes.scene import Fault, Scene
from openseg.types import PointCloud
from openseg.types.errors import InputError

VIEWS = 3
GOOD = 0.9
"""From this agreement of points and frames on, no mistake is looked for."""

LOWEST = 0.5
"""Below this agreement something is wrong, known or not; rough scans have 0.7 and more."""

DEPTHS = (0.1, 50.0)
"""Metres between which the median depth of a frame lies, indoors and in streets."""

NAMED = 8
"""The most frames that one problem lists."""


@dataclass(frozen=True)
class SceneCheck:
    """What was found.

    Attributes:
        scene: Name of the scene.
        layout: Name of its layout.
        frames: Frames that can be used.
        left_out: Frames that cannot.
        points: Points of its cloud; 0 if it has none.
        share: Share of points within 5 cm of what the frames measured, among those not hidden;
            None if no frame with depth shows any.
        covered: Share of parts of those frames that have points on the measured surface, among
            parts with points; low if the cloud lies behind everything.
        views: The frames that were compared.
        problems: What is wrong.
        probes: The frames of `views` with the points compared, for `scene_picture.draw`.
    """

    scene: str
    layout: str
    frames: int
    left_out: int
    points: int
    share: float | None
    covered: float | None
    views: tuple[ViewAgreement, ...]
    problems: tuple[Problem, ...]
    probes: tuple[Probe, ...] = field(repr=False, default=())

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; with problems the good frames may still be used."""
        return not self.problems


def check_scene(path: str | Path) -> SceneCheck:
    """Checks a scene's files.

    Args:
        path: The scene's folder, or the file that describes it.

    Raises:
        InputError: If the layout is not known, or what all frames need is missing or broken.
    """
    return check(read_scene(path))


def check(scene: Scene) -> SceneCheck:
    """Checks a scene that was read."""
    problems = list(_grouped(scene))
    cloud: PointCloud | None = None
    if scene.cloud_path is not None:
        try:
            cloud = scene.cloud()
        except InputError as error:
            problems.append(Problem(error.where, error.what, error.fix))
    if len(scene.frames) <= 1:
        many = "only one frame" if len(scene.frames) else "no frame"
        fix = "record more views" if len(scene.frames) else "see the other problems"
        problems.append(Problem(scene.name, f"{many} can be used", fix))
    probes = list(_probes(scene, cloud, problems))
    views = tuple(compare(probe) for probe in probes)
    if views:
        problems += _judged(scene, cloud, probes, views)
    kept = set(scene.frames.names)
    return SceneCheck(
        scene=scene.name,
        layout=scene.layout,
        frames=len(scene.frames),
        left_out=len({one.frame for one in scene.faults} - kept - {""}),
        points=len(cloud) if cloud else 0,
        share=share(views),
        covered=covered(views),
        views=views,
        problems=tuple(problems),
        probes=tuple(probes),
    )


def _grouped(scene: Scene) -> Iterator[Problem]:
    """Faults of frames; the same fault of several frames is said once."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in scene.faults:
        groups.setdefault((fault.what, fault.fix), []).append(fault)
    for (what, fix), faults in groups.items():
        names = [fault.frame for fault in faults if fault.frame]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        listed = ", ".join(names[:NAMED]) + more
        word = "frame" if len(names) == 1 else "frames"
        yield Problem(f"{scene.name}, {word} {listed}" if names else scene.name, what, fix)


def _probes(scene: Scene, cloud: PointCloud | None, problems: list[Problem]) -> Iterator[Probe]:
    """Frames spread over the recording, with the points to compare them with."""
    rows = [row for row, path in enumerate(scene.frames.depth) if path is not None]
    chosen = [rows[len(rows) * (2 * i + 1) // (2 * VIEWS)] for i in range(VIEWS)] if rows else []
    for row in dict.fromkeys(chosen):
        frame = scene.frames[row]
        try:
            depth = frame.depth()
            points = cloud.positions if cloud else _other_view(scene, rows, row)
        except InputError as error:
            problems.append(Problem(error.where, error.what, error.fix))
            continue
        if not depth.any():
            where = f"{scene.name}, frame {frame.name}"
            problems.append(Problem(where, "the depth map is empty", "it is used for colour only"))
        elif points is not None:
            yield Probe(frame, View(frame.depth_camera, depth), points)


def _other_view(scene: Scene, rows: list[int], row: int) -> View | None:
    """What a frame some way off measured; None if this is the only one."""
    place = rows.index(row)
    step = max(1, len(rows) // 20)
    other = place + step if place + step < len(rows) else place - step
    if other < 0:
        return None
    frame = scene.frames[rows[other]]
    return View(frame.depth_camera, frame.depth())


def _judged(
    scene: Scene, cloud: PointCloud | None, probes: list[Probe], views: tuple[ViewAgreement, ...]
) -> Iterator[Problem]:
    source = "the cloud" if cloud else "other frames"
    fits = agreement(views)
    if fits >= GOOD:
        return
    low, high = DEPTHS
    odd = [view for view in views if not low <= view.median_depth <= high]
    said = f"{share(views) or 0:.0%} of the points of {source} lie within 5 cm of the frames' depth"
    said += f" and cover {covered(views) or 0:.0%} of them"
    reason = explain(probes, GOOD)
    if reason is not None and (cloud or not odd):
        yield Problem(scene.name, f"{reason.what}: {said}", reason.fix)
    elif odd:
        measured = "; ".join(f"frame {one.frame}: {one.median_depth:.4g} m" for one in odd)
        change = "multiply" if odd[0].median_depth > high else "divide"
        fix = f"{change} depth_scale, the stored units in a metre: 1000 for millimetres"
        yield Problem(scene.name, f"the median depth is not that of a room ({measured})", fix)
    elif not any(view.in_picture for view in views):
        what = f"no point of {source} falls into any of {len(views)} frames"
        fix = "cloud and poses have other coordinates: export both from the same reconstruction"
        yield Problem(scene.name, what, fix)
    elif fits < LOWEST:
        fix = "poses, intrinsics or depth belong to another recording or picture size"
        yield Problem(scene.name, f"only {said}", fix)
