"""A case of a scene as a picture: from above, tinted by right, missed, wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from openseg.api.scenes.picture import draw_mesh
from openseg.io.scenes.layout import read_scene
from openseg.io.scenes.ply import read_mesh
from openseg.types.errors import InputError
from openseg_evals.report.tints import as_jpeg, tinted
from openseg_evals.samples import SceneSample, SceneTarget

_SIDE = 720  # drawn twice as large as it is shown
_NOTHING = -1


def draw_scene_case(sample: SceneSample, answer: Sequence[SceneTarget]) -> bytes:
    """Draws what was right, missed and wrong.

    Args:
        sample: The scene.
        answer: What was predicted, best first.

    Returns:
        JPEG bytes; none if the scene cannot be read.
    """
    try:
        mesh, frames = read_mesh(sample.cloud), read_scene(sample.scene).frames
    except InputError:
        return b""
    truth, found = (_labels(one, len(mesh.cloud)) for one in (sample.targets(), answer))
    colors = tinted(mesh.cloud.colors.numpy()[None], truth[None], found[None])[0]
    objects = (truth != _NOTHING) | (found != _NOTHING)
    return as_jpeg(PIL.Image.fromarray(draw_mesh(mesh, colors, objects, frames, _SIDE).colors))


def _labels(regions: Sequence[SceneTarget], points: int) -> NDArray[np.int64]:
    """The class of each point, int64 `[n]`, -1 for none; of overlapping objects the first."""
    labels = np.full(points, _NOTHING, dtype=np.int64)
    for one in reversed(regions):
        labels[one.vertices] = one.label
    return labels
