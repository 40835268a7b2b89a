"""A second reading of logical forms: plain loops over the scene, hard limits instead of margins.

Shares no code with the checker. Its limits lie inside the checker's open zones: what the checker
calls certain must come out the same here.
"""

import math
from functools import cache

import numpy as np

from openseg.mini.rooms.sentences.meaning import forms
from openseg.mini.rooms.shapes import build
from openseg.mini.rooms.vocabulary import COLOURS
from tests.mini.rooms.sentences.scenes import corners


class Oracle:
    """What forms mean in a scene, or in what a picture shows of it."""

    def __init__(self, scene, sight):
        self.scene = scene
        self.sight = sight
        self.seen = {s.id: s for s in sight.things} if sight else {}
        self.things = [t for t in scene.things if sight is None or t.id in self.seen]
        self.bounds = {t.id: (corners(t).min(axis=0), corners(t).max(axis=0)) for t in self.things}

    def form(self, form):
        """The ids that a form means; an error if a group has the wrong number."""
        ids = []
        for group in form.groups:
            found = self.group(group)
            if found or len(form.groups) > 1:
                right = len(found) >= 2 if group.number == "all" else len(found) == group.number
                assert right, f"{group} has {found}"
            ids += found
        assert len(set(ids)) == len(ids)
        if form.part is not None:
            test = forms.HasPart(form.part.part, form.part.colour)
            having = [i for i in ids if self.test(test, self.thing(i))]
            assert having in ([], ids)
            ids = having
        return tuple(sorted(ids))

    def group(self, group):
        found = [t for t in self.things if self.noun(group.noun, t)]
        found = [t for t in found if all(self.test(test, t) for test in group.tests)]
        return [t.id for t in (self.pick(group.pick, found) if group.pick else found)]

    def the(self, group):
        (id_,) = self.group(group)
        return self.thing(id_)

    def thing(self, id_):
        return self.scene.things[id_ - 1]

    def noun(self, noun, t):
        match noun:
            case forms.Kind(name):
                return t.category == name
            case forms.Use(key):
                return key in t.kind.functions
            case forms.Anything():
                return True

    def test(self, test, t):
        match test:
            case forms.Coloured(colour):
                return t.colour == colour
            case forms.Made(material):
                return t.material == material
            case forms.Sized(word):
                low, high = t.kind.size
                share = (t.size - low) / (high - low)
                return share < 0.3 if word == "small" else share > 0.7
            case forms.HasPart(part, colour):
                return self.has_part(t, part, colour)
            case forms.Lies(ground):
                return t.support == ground
            case forms.Not(inner):
                return not self.test(inner, t)
            case forms.Between(first, second):
                return self.between(t, self.the(first), self.the(second))
            case forms.Related(relation, landmark):
                return getattr(self, relation)(t, self.the(landmark))

    def has_part(self, t, part, colour):
        pieces = [p for p in pieces_of(t) if p.name == part]
        if not pieces or colour is None:
            return bool(pieces)
        own = {a.part: a.rgb for a in t.accents}.get(part)
        largest = max(pieces, key=lambda p: area(p.mesh))
        rgb = np.array(largest.rgb(t.rgb, own))
        return min(COLOURS, key=lambda c: np.abs(rgb - COLOURS[c]).sum()) == colour

    def carries(self, carrier, t):
        """Whether a thing stands on the carrier, or on something on it."""
        while isinstance(t.support, int):
            if t.support == carrier.id:
                return True
            t = self.thing(t.support)
        return False

    def pixel(self, t):
        x0, y0, x1, y1 = self.seen[t.id].box
        return (x0 + x1) / 2, (y0 + y1) / 2

    def left(self, t, mark):
        return self.pixel(t)[0] < self.pixel(mark)[0]

    def right(self, t, mark):
        return self.pixel(t)[0] > self.pixel(mark)[0]

    def turn(self, t, mark):
        """Angle on the ground between the line of sight and the way from the mark to a thing."""
        eye = self.sight.camera.position
        look = math.atan2(mark.middle[1] - eye[1], mark.middle[0] - eye[0])
        way = math.atan2(t.middle[1] - mark.middle[1], t.middle[0] - mark.middle[0])
        return abs((way - look + math.pi) % (2 * math.pi) - math.pi)

    def behind(self, t, mark):
        return t.id != mark.id and self.turn(t, mark) < math.pi / 4

    def front(self, t, mark):
        return t.id != mark.id and self.turn(t, mark) > 3 * math.pi / 4

    def above(self, t, mark):
        (low, high), (mark_low, mark_high) = self.bounds[t.id], self.bounds[mark.id]
        aside = max(max(mark_low[k] - high[k], low[k] - mark_high[k]) for k in (0, 1))
        three_quarters = mark_low[2] + 0.75 * (mark_high[2] - mark_low[2])
        return low[2] > three_quarters and aside < 0.4 and not self.carries(mark, t)

    def under(self, t, mark):
        return self.above(mark, t)

    def on(self, t, mark):
        return t.support == mark.id

    def next(self, t, mark):
        if t.id == mark.id or self.carries(t, mark) or self.carries(mark, t):
            return False
        (low, high), (mark_low, mark_high) = self.bounds[t.id], self.bounds[mark.id]
        gap = [max(mark_low[k] - high[k], low[k] - mark_high[k], 0.0) for k in range(3)]
        return math.hypot(*gap) < 0.7 * (t.size + mark.size) / 2

    def between(self, t, first, second):
        if t.id in (first.id, second.id):
            return False
        p, a, b = (np.array(x.middle) for x in (t, first, second))
        whole = math.dist(a, b)
        share = float(np.dot(p - a, b - a)) / whole**2
        return 0.15 < share < 0.85 and math.dist(p, a + share * (b - a)) < 0.33 * whole

    def pick(self, pick, found):
        match pick:
            case forms.Nth(place, "left"):
                return sorted(found, key=lambda t: self.pixel(t)[0])[place - 1 : place]
            case forms.Nth(place, "right"):
                return sorted(found, key=lambda t: -self.pixel(t)[0])[place - 1 : place]
            case forms.ByDistance(which, landmark):
                mark = self.the(landmark)
                found = [t for t in found if t.id != mark.id]
                found.sort(key=lambda t: math.dist(t.middle, mark.middle))
                return found[:1] if which == "nearest" else found[-1:]
            case forms.Extreme(quality):
                return sorted(found, key=lambda t: self.quality(quality, t))[-1:]

    def quality(self, quality, t):
        depth, width, height = t.extent
        values = {
            "largest": lambda: depth * width * height,
            "tallest": lambda: height,
            "highest": lambda: t.middle[2],
            "rightmost": lambda: self.pixel(t)[0],
            "farthest": lambda: math.dist(t.middle, self.sight.camera.position),
        }
        opposite = {
            "smallest": "largest",
            "shortest": "tallest",
            "lowest": "highest",
            "leftmost": "rightmost",
            "closest": "farthest",
        }
        return values[quality]() if quality in values else -values[opposite[quality]]()


pieces_of = cache(build)


def area(mesh):
    """Area of a mesh."""
    a, b, c = (mesh.points[mesh.faces[:, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())
