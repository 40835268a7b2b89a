"""The facts about a scene, or about what a picture shows of it, that meanings are checked against.

A thing of which the picture shows nothing does not count. One that is hardly seen counts, but
whether a viewer would notice it is open, so nothing is said that depends on it.
"""

from collections.abc import Hashable
from functools import cached_property
from typing import Any

import numpy as np

from openseg.mini.rooms.scene import Scene, Thing
from openseg.mini.rooms.sentences.meaning.forms import Relation
from openseg.mini.rooms.sentences.meaning.geometry import RELATIONS, Bools, Pairs, Space
from openseg.mini.rooms.sentences.meaning.looks import Shares
from openseg.mini.rooms.sentences.meaning.sight import Seen, Sight

_VISIBLE = 0.3
_THING_AREA = 0.0012  # of the picture: 79 pixels at 256 x 256
_PART_AREA = 0.0004


class World:
    """A scene with or without a picture of it.

    Args:
        scene: The scene.
        sight: What a picture shows; None for the scene as such, where all things count and no
            relation of the picture or viewer holds.

    Attributes:
        things: The things that count, by id.
        index: Place of each id in the arrays of `space`.
        clear: Ids of the things that may be spoken of.
        memo: Truths that were already found.
    """

    def __init__(self, scene: Scene, sight: Sight | None) -> None:
        self.scene = scene
        self.sight = sight
        self._seen: dict[int, Seen] = {}
        if sight is None:
            self.things = {t.id: t for t in scene.things}
            self.clear = frozenset(self.things)
        else:
            self._seen = {seen.id: seen for seen in sight.things}
            self.things = {id_: scene.thing(id_) for id_ in self._seen}
            self._area = sight.camera.width * sight.camera.height
            self.clear = frozenset(id_ for id_, seen in self._seen.items() if self._shown(seen))
        self.ids = tuple(self.things)
        self.index = {id_: k for k, id_ in enumerate(self.ids)}
        self.memo: dict[Hashable, Any] = {}

    def _shown(self, seen: Seen) -> bool:
        return seen.visible >= _VISIBLE and seen.pixels >= _THING_AREA * self._area

    @cached_property
    def space(self) -> Space:
        """Where the things are."""
        carried: Bools = np.zeros((len(self.ids), len(self.ids)), dtype=bool)
        for id_, thing in self.things.items():
            carrier: Thing = thing
            while isinstance(carrier.support, int):
                carrier = self.scene.thing(carrier.support)
                if carrier.id in self.index:
                    carried[self.index[id_], self.index[carrier.id]] = True
        return Space(tuple(self.things.values()), carried, self.sight)

    def relation(self, name: Relation) -> Pairs:
        """Where a relation clearly holds and where it clearly does not, [n, n] each."""
        if name not in self.memo:
            self.memo[name] = RELATIONS[name](self.space)
        found: Pairs = self.memo[name]
        return found

    @cached_property
    def _all_shares(self) -> dict[int, dict[str, float]]:
        return {
            id_: {
                part: pixels / seen.pixels
                for part, pixels in zip(self.things[id_].kind.parts, seen.part_pixels, strict=True)
            }
            for id_, seen in self._seen.items()
        }

    def shares(self, id_: int) -> Shares:
        """Share of a thing's visible pixels that each part has; None without a picture."""
        return None if self.sight is None else self._all_shares[id_]

    def shows_part(self, id_: int, part: str) -> bool:
        """Whether enough of a part can be seen to speak of it."""
        if self.sight is None:
            return True
        pixels = self._seen[id_].part_pixels[self.things[id_].kind.parts.index(part)]
        return pixels >= _PART_AREA * self._area
