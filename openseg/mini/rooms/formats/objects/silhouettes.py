"""Which pixels a thing would have if nothing hid it: BOP's `mask`, beside the visible part."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.render.actors import label_actor
from openseg.mini.rooms.render.offscreen import aim, draw, open_window
from openseg.mini.rooms.scene import Camera, Thing
from openseg.mini.rooms.solids import thing_solids


class Silhouettes:
    """Draws things of a scene one at a time.

    Args:
        things: The things.
    """

    def __init__(self, things: Sequence[Thing]) -> None:
        self._window = open_window(1, 1)
        self._actors = [label_actor(thing_solids(thing)) for thing in things]
        for actor in self._actors:
            actor.SetVisibility(False)
            self._window.renderer.AddActor(actor)

    def masks(self, camera: Camera) -> npt.NDArray[np.bool_]:
        """The pixels of each thing inside the picture, bool [n, h, w]."""
        self._window.render_window.SetSize(camera.width, camera.height)
        aim(self._window, camera, camera.fov)
        found = []
        for actor in self._actors:
            actor.SetVisibility(True)
            found.append(draw(self._window).any(axis=-1))
            actor.SetVisibility(False)
        return np.stack(found)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes the window and frees its memory."""
        self._window.close()
