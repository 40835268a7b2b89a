"""The frames an object was seen in: the picture, its pixels there, and a crop of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from openseg_ui.server.images import Photo, photo
from openseg_ui.server.scenes_cloud import members

if TYPE_CHECKING:
    from openseg.api.scenes.records import SceneInstance, SceneView
    from openseg.types import Frame, Frames
    from openseg_ui.server.scenes_cloud import Pack

TOLERANCE = 0.05
"""Metres that a point may lie from the measured surface to be seen there."""

_MARGIN = 0.25  # of the longer side of the box, around a crop
_CROP = 320  # pixels of a crop's longer side
_DIM = 0.45
_FEW = 6  # neighbours that tell how dense points are in a picture
_WIDEST = 20  # pixels by which points are widened


@dataclass(frozen=True, eq=False)
class Seen:
    """An object in a frame.

    Attributes:
        view: What the run says of it.
        photo: The frame's picture.
        mask: bool `[h, w]`: the pixels that show points of the object; none where none is seen.
    """

    view: SceneView
    photo: Photo
    mask: NDArray[np.bool_]


def best_views(instance: SceneInstance, most: int) -> list[SceneView]:
    """The weightiest view of each frame an object was seen in, the weightiest first.

    Args:
        instance: The object.
        most: How many frames.
    """
    found: dict[str, SceneView] = {}
    for view in instance.views:
        found.setdefault(view.frame, view)
    return list(found.values())[:most]


def seen_in(frames: Frames, view: SceneView, instance: SceneInstance, pack: Pack) -> Seen | None:
    """An object as a frame shows it; None if the scene has no such frame any more.

    Args:
        frames: The frames of the scene.
        view: One of the object's views.
        instance: The object.
        pack: The scene's points.

    Raises:
        InputError: If the frame's picture or depth map cannot be read.
    """
    if view.frame not in frames.names:
        return None
    frame = frames[frames.names.index(view.frame)]
    pixels = frame.image().pixels.permute(1, 2, 0).contiguous().numpy(force=True)
    shown = photo(PIL.Image.fromarray(pixels), f"frame {view.frame}")
    return Seen(view, shown, _mask(frame, instance, pack))


def crop_of(seen: Seen, colour: tuple[int, int, int]) -> PIL.Image.Image:
    """The object with some room around it, what is not it dimmed, its outline in a colour."""
    from scipy.ndimage import binary_erosion

    left, top, right, bottom = (round(v) for v in seen.view.box)
    room = round(_MARGIN * max(right - left, bottom - top)) + 4
    width, height = seen.photo.picture.size
    first, above = min(max(left - room, 0), width - 1), min(max(top - room, 0), height - 1)
    last, below = (
        max(min(right + room, width), first + 1),
        max(min(bottom + room, height), above + 1),
    )
    box = (first, above, last, below)
    crop = seen.photo.picture.crop(box)
    mask = PIL.Image.fromarray(seen.mask).crop(box)
    scale = _CROP / max(crop.size)
    size = (max(1, round(crop.width * scale)), max(1, round(crop.height * scale)))
    pixels = np.asarray(crop.resize(size, PIL.Image.Resampling.LANCZOS)).astype(np.float32)
    inside = np.asarray(mask.resize(size, PIL.Image.Resampling.NEAREST))
    if inside.any():
        pixels[~inside] *= _DIM
        pixels[inside & ~binary_erosion(inside, iterations=2)] = colour
    return PIL.Image.fromarray(pixels.astype(np.uint8))


def _mask(frame: Frame, instance: SceneInstance, pack: Pack) -> NDArray[np.bool_]:
    """The pixels around the object's points that the frame sees."""
    import torch
    from scipy.ndimage import maximum_filter, minimum_filter
    from scipy.spatial import cKDTree

    from openseg.ops.scenes.looking import look

    mine = torch.from_numpy(pack.positions[members(pack, instance)])
    found = look(frame, mine, TOLERANCE)
    height, width = found.size
    pixels = np.unique(found.pixels.numpy(force=True))
    mask = np.zeros((height, width), dtype=np.uint8)
    mask.reshape(-1)[pixels] = 1
    side = 5
    if len(pixels) > _FEW:
        places = np.stack(np.divmod(pixels, width), axis=1)
        near, _ = cKDTree(places).query(places[:: max(1, len(places) // 1000)], k=_FEW)
        side = 2 * min(_WIDEST, round(float(np.median(near[:, -1])))) + 1
    closed: NDArray[np.uint8] = minimum_filter(maximum_filter(mask, side), max(1, side - 2))
    return closed > 0
