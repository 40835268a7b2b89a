"""The shape of a thing in one word, where one word is plainly right."""

from openseg.mini.rooms.scene import Thing

SHAPES = ("flat", "tall", "long", "round", "boxy")
"""All words for shapes."""

_ROUND = frozenset({"ball", "bowl", "cup", "bucket", "hat"})
_BOXY = frozenset(
    {"box", "cabinet", "nightstand", "crate", "microwave", "toaster", "tissue box", "dresser"}
)


def shape_word(thing: Thing) -> str | None:
    """Whether a thing is flat, tall, long, round or boxy.

    Returns:
        The word; None if none fits well or two do.
    """
    depth, width, height = thing.extent
    shortest, middle, longest = sorted(thing.extent)
    across, along = sorted((depth, width))
    thin, high, stretched = shortest / middle, height / along, along / across
    if longest > 2.5 * middle:
        return "tall" if height == longest else "long"
    if thin < 0.25:
        return "flat"
    if high > 1.6 or (stretched > 2.0 and high < 1.0):
        return "tall" if high > 1.6 else "long"
    if thin < 0.35 or high > 1.35 or stretched > 1.6:
        return None
    word = "round" if thing.category in _ROUND else "boxy"
    return word if thing.category in _ROUND | _BOXY else None
