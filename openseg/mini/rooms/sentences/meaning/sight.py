"""What a picture shows of a scene's things: all that sentences need to know about a view."""

from dataclasses import dataclass

import numpy as np

from openseg.mini.rooms.render.view import View
from openseg.mini.rooms.scene import Camera, Scene

Box = tuple[float, float, float, float]

_CODES = 256


@dataclass(frozen=True)
class Seen:
    """What a picture shows of one thing.

    Attributes:
        id: The thing's id.
        box: Box around its visible pixels, xyxy in pixels with exclusive right and bottom edges.
        visible: Share of its pixels inside the picture that nothing hides.
        part_pixels: Visible pixels of each of its category's parts, in their order.
    """

    id: int
    box: Box
    visible: float
    part_pixels: tuple[int, ...]

    @property
    def pixels(self) -> int:
        """All its visible pixels."""
        return sum(self.part_pixels)


@dataclass(frozen=True)
class Sight:
    """What a picture shows of a scene.

    Attributes:
        camera: The camera, at the size of the picture.
        things: The things of which at least one pixel is seen, by ascending id.
    """

    camera: Camera
    things: tuple[Seen, ...]


def sight_of(scene: Scene, view: View) -> Sight:
    """Counts what a rendered view shows.

    Args:
        scene: The scene that was rendered.
        view: One of its views.

    Returns:
        The record of the view; it holds no picture.
    """
    codes = view.ids.astype(np.int64) * _CODES + view.parts
    counts = np.bincount(codes.ravel(), minlength=_CODES * (len(scene.things) + 1))
    found = []
    for thing in scene.things:
        first = thing.id * _CODES + 1
        pixels = tuple(int(n) for n in counts[first : first + len(thing.kind.parts)])
        if any(pixels):
            x0, y0, x1, y1 = (float(v) for v in view.boxes[thing.id - 1])
            visible = float(view.visible[thing.id - 1])
            found.append(Seen(thing.id, (x0, y0, x1, y1), visible, pixels))
    return Sight(view.camera, tuple(found))
