"""Every edge type survives being written down, and equal content has equal addresses."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from openseg.graph import codec
from openseg.graph.address import digest
from openseg.types import (
    EDGE_TYPES,
    Answer,
    Boxes,
    Camera,
    Concept,
    Concepts,
    Descriptions,
    Exemplars,
    FeatureAdapter,
    FeatureMap,
    Frames,
    Heatmaps,
    Image,
    Instances3D,
    InstanceViews,
    Masks,
    Neighbours,
    ParsedPhrase,
    ParsedQuery,
    ParsedWord,
    Phrase,
    Phrases,
    PointCloud,
    Points,
    RegionEmbeddings,
    Rows,
    Scores,
    Similarity,
    Superpoints,
    Template,
    Templates,
    TextEmbeddings,
    TextQuery,
    ViewMasks,
    ViewRegions,
)
from tests.graph import view_values
from tests.graph.tiny import picture, same

sizes = st.integers(0, 5)
seeds = st.integers(0, 2**31)


@st.composite
def floats(draw, *shape):
    sizes_ = [draw(sizes) if size is None else size for size in shape]
    values = torch.randn(sizes_, generator=torch.Generator().manual_seed(draw(seeds)))
    special = draw(st.sampled_from([0.0, -0.0, 1e-45, 3.4e38, -1.5]))
    return values.fill_(special) if draw(st.booleans()) else values


@st.composite
def ints(draw, *shape):
    sizes_ = [draw(sizes) if size is None else size for size in shape]
    return torch.randint(
        -(2**40), 2**40, sizes_, generator=torch.Generator().manual_seed(draw(seeds))
    )


@st.composite
def masks(draw):
    shape = (draw(sizes), draw(st.integers(1, 20)), draw(st.integers(1, 20)))
    random = torch.rand(shape, generator=torch.Generator().manual_seed(draw(seeds)))
    return Masks(random < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])))


@st.composite
def points(draw):
    n, k = draw(sizes), draw(sizes)
    return Points(draw(floats(n, k, 2)), draw(ints(n, k)))


# Addresses of frames cover what their files hold; the folder goes when the process ends.
FILES = tempfile.TemporaryDirectory()
PATHS = [str(Path(FILES.name, f"{i}.png")) for i in range(3)]
for path_ in PATHS:
    Path(path_).write_text(path_)
image_sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))


@st.composite
def frames(draw):
    n = draw(sizes)
    paths = st.sampled_from(PATHS)
    many = lambda one: st.lists(one, min_size=n, max_size=n).map(tuple)  # noqa: E731
    return Frames(
        names=draw(many(st.text())),
        poses=draw(floats(n, 4, 4)),
        color=draw(many(paths)),
        color_k=draw(floats(n, 3, 3)),
        color_size=draw(many(image_sizes)),
        depth=draw(many(st.none() | paths)),
        depth_k=draw(floats(n, 3, 3)),
        depth_size=draw(many(image_sizes)),
        depth_scale=draw(st.sampled_from([1.0, 1000.0])),
        no_depth=draw(st.sampled_from([(), (65535,)])),
    )


@st.composite
def clouds(draw):
    n = draw(sizes)
    colors = draw(ints(n, 3)).to(torch.uint8)
    return PointCloud(draw(floats(n, 3)), colors, draw(st.none() | floats(n, 3)))


@st.composite
def instances(draw):
    shape = (draw(sizes), draw(sizes))
    random = torch.rand(shape, generator=torch.Generator().manual_seed(draw(seeds))) < 0.5
    words = st.lists(phrases, min_size=shape[0], max_size=shape[0]).map(tuple)
    named = draw(st.none() | st.builds(Phrases, words))
    return Instances3D.from_masks(random, draw(floats(shape[0])), named)


@st.composite
def exemplars(draw):
    boxes = draw(floats(None, 4))
    shown = torch.rand(len(boxes), generator=torch.Generator().manual_seed(draw(seeds)))
    return Exemplars(boxes, shown < 0.5, draw(ints(len(boxes))))


@st.composite
def adapters(draw):
    hidden, width = draw(sizes), draw(sizes)
    scale = draw(st.floats(0, 100))
    return FeatureAdapter(draw(floats(hidden, width)), draw(floats(width, hidden)), scale)


@st.composite
def templates(draw):
    height, width = draw(image_sizes)
    mask = torch.rand(height, width, generator=torch.Generator().manual_seed(draw(seeds))) < 0.5
    return Template(picture(draw(seeds), height, width), mask, draw(phrases))


@st.composite
def concepts(draw):
    tokens = tuple(draw(st.lists(sizes)))
    return Concept(draw(st.text()), tokens, draw(floats(len(tokens), None)))


parsed_words = st.builds(
    ParsedWord, sizes, sizes, st.integers(-1, 5), st.sampled_from(["root", "case"])
)
parsed_phrases = st.builds(ParsedPhrase, st.text(), st.lists(parsed_words).map(tuple))
phrases = st.builds(Phrase, st.text(), st.integers(0, 9), st.tuples(sizes, sizes))
VALUES = {
    Boxes: st.builds(Boxes, floats(None, 4)),
    Camera: st.builds(Camera, floats(3, 3), floats(4, 4), image_sizes),
    Descriptions: st.builds(
        Descriptions,
        st.lists(st.builds(Answer, *[st.text()] * 5), max_size=4).map(tuple),
        st.integers(1, 2),
    ),
    Concepts: st.builds(Concepts, st.lists(concepts(), max_size=3).map(tuple)),
    Exemplars: exemplars(),
    FeatureAdapter: adapters(),
    FeatureMap: st.builds(FeatureMap, floats(None, None, None), image_sizes),
    Frames: frames(),
    Heatmaps: st.builds(Heatmaps, floats(None, None, None), image_sizes),
    Image: st.builds(picture, seeds, st.integers(1, 9), st.integers(1, 9)),
    InstanceViews: view_values.instance_views(),
    Instances3D: instances(),
    Masks: masks(),
    Neighbours: st.builds(Neighbours, ints(None, None)),
    ParsedQuery: st.builds(ParsedQuery, st.lists(parsed_phrases, max_size=4).map(tuple)),
    Phrases: st.builds(Phrases, st.lists(phrases).map(tuple)),
    PointCloud: clouds(),
    Points: points(),
    RegionEmbeddings: st.builds(RegionEmbeddings, floats(None, None)),
    Rows: st.builds(Rows, ints(None)),
    Scores: st.builds(Scores, floats(None)),
    Similarity: st.builds(Similarity, floats(None, None)),
    Superpoints: view_values.superpoints(),
    Templates: st.builds(Templates, st.lists(templates(), min_size=1, max_size=3).map(tuple)),
    TextEmbeddings: st.builds(TextEmbeddings, floats(None, None)),
    TextQuery: st.builds(TextQuery, st.text(), st.lists(phrases).map(tuple)),
    ViewMasks: view_values.view_masks(),
    ViewRegions: view_values.view_regions(),
}


def round_trip(value):
    tensors, meta = codec.encode(value)
    return codec.decode(type(value), codec.Encoded(tensors, json.loads(json.dumps(meta))))


def test_every_edge_type_is_tried_here():
    assert set(VALUES) == set(EDGE_TYPES.values())


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_what_is_written_down_is_read_back_to_the_bit(kind):
    @settings(max_examples=60, deadline=None)
    @given(VALUES[kind])
    def check(value):
        back = round_trip(value)
        assert same(back, value)
        assert digest(back) == digest(value)

    check()


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_different_content_has_different_addresses(kind):
    @settings(max_examples=60, deadline=None)
    @given(VALUES[kind], VALUES[kind])
    def check(one, other):
        pixels = [value.pixels if kind is Image else value for value in (one, other)]
        assert (digest(one) == digest(other)) == same(*pixels)

    check()


def test_addresses_tell_apart_what_looks_alike():
    zero, minus = torch.zeros(1), torch.zeros(1).neg()
    rows = torch.zeros(2, dtype=torch.int64)
    nested = [
        TextQuery("ab", (Phrase("c", 0, (0, 1)),)),
        TextQuery("a", (Phrase("bc", 0, (0, 1)),)),
        TextQuery("abc", ()),
    ]
    values = [
        Scores(zero),
        Scores(minus),
        Scores(torch.zeros(2)),
        Rows(rows),
        RegionEmbeddings(torch.zeros(2, 3)),
        RegionEmbeddings(torch.zeros(3, 2)),
        TextEmbeddings(torch.zeros(3, 2)),
        *nested,
    ]
    assert len({digest(value) for value in values}) == len(values)


def test_an_image_is_addressed_by_its_pixels_not_its_name():
    image = picture(1)
    renamed = dataclasses.replace(image, name="other.png")
    assert digest(image) == digest(renamed) == image.digest


def test_frames_are_addressed_by_what_their_files_hold(tmp_path):
    file = tmp_path / "a.png"
    file.write_text("before")
    one = torch.eye(4)[None]
    value = Frames(
        ("a",),
        one,
        (str(file),),
        one[:, :3, :3],
        ((2, 2),),
        (None,),
        one[:, :3, :3],
        ((2, 2),),
        1000.0,
    )
    before = digest(value)
    assert digest(round_trip(value)) == before
    file.write_text("afterwards")
    assert digest(value) != before


def test_objects_of_a_large_scene_stay_small():
    masks = torch.zeros(50, 200_000, dtype=torch.bool)
    for row, mask in enumerate(masks):
        mask[3000 * row : 3000 * row + 4000] = True
    value = Instances3D.from_masks(masks, torch.ones(50))
    tensors, _ = codec.encode(value)
    assert sum(tensor.nbytes for tensor in tensors.values()) < masks.nbytes / 10
    assert torch.equal(round_trip(value).masks(), masks)


def test_masks_of_a_huge_image_stay_small():
    data = torch.zeros(4, 6000, 8000, dtype=torch.bool)
    for i in range(4):
        data[i, 1000 * i : 1000 * i + 900, 500 : 4000 + i] = True
    value = Masks(data)
    tensors, _ = codec.encode(value)
    assert sum(tensor.nbytes for tensor in tensors.values()) < 1_000_000
    assert same(round_trip(value), value)


def test_tensors_that_are_views_are_written_whole():
    base = torch.arange(12.0).reshape(3, 4)
    value = Scores(base[:, 1])
    assert same(round_trip(value), value)
    assert round_trip(Boxes(base.t().contiguous().t())).xyxy.tolist() == base.tolist()


@dataclass(frozen=True, eq=False)
class View:
    """A nested value such as an outside package might define."""

    depth: Tensor
    masks: Masks
    name: str | None = None


@dataclass(frozen=True, eq=False)
class Views:
    """Many of them, with everything a field may be."""

    items: tuple[View, ...]
    pose: tuple[float, int]
    by_name: dict[str, Scores]
    weights: Tensor | None
    tags: list[str]


def views(weights):
    masks = Masks(torch.rand(2, 3, 5, generator=torch.Generator().manual_seed(0)) < 0.5)
    half = torch.ones(2, 2, dtype=torch.bfloat16)
    return Views(
        (View(half, masks, "a"), View(torch.zeros(0, 2, dtype=torch.float16), masks)),
        (0.5, 3),
        {"best": Scores(torch.ones(2))},
        weights,
        ["x", "y"],
    )


@pytest.mark.parametrize("weights", [None, torch.ones(1)])
def test_dataclasses_of_others_need_nothing(weights):
    value = views(weights)
    assert same(round_trip(value), value)
    assert digest(round_trip(value)) == digest(value)
    assert digest(value) != digest(dataclasses.replace(value, tags=["x"]))
    names = {name for name, _ in codec.tensors_in(value)}
    assert {"items.0.depth", "items.1.masks.data", "by_name.best.values"} <= names


class Track:
    """A type of others that is no dataclass."""

    def __init__(self, steps):
        self.steps = steps


def test_types_that_are_no_dataclasses_say_how_they_are_stored(monkeypatch):
    with pytest.raises(TypeError, match=r"Track cannot be stored.*codec\.register"):
        codec.encode(Track([1]))
    with pytest.raises(TypeError, match=r"Track has no address.*digest\.register"):
        digest(Track([1]))
    monkeypatch.setattr(codec, "_codecs", dict(codec._codecs))
    codec.register(Track, lambda track: {"steps": track.steps}, lambda plain: Track(plain["steps"]))
    assert round_trip(Track([1, 2])).steps == [1, 2]
    digest.register(Track, lambda track: hashlib.sha256(bytes(track.steps)).hexdigest())
    assert digest(Track([1])) != digest(Track([2]))


def test_a_value_on_the_right_device_is_not_copied():
    value = views(torch.ones(1))
    assert codec.to_device(value, torch.device("cpu")) is value
    moved = codec.to_device(value, torch.device("meta"))
    assert {tensor.device.type for _, tensor in codec.tensors_in(moved)} == {"meta"}
    assert moved.items[0].name == "a"
