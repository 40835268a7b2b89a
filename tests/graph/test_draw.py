"""The drawing as a reader sees it: everything there, nothing on top of anything else."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openseg.graph.draw import draw
from openseg.graph.drawing.layout import Box, Edge, place
from openseg.graph.loader import load, pipeline_names
from openseg.models.store import ModelStore

SVG = "{http://www.w3.org/2000/svg}"
LARGE = Path(__file__).parents[1] / "data" / "methods" / "fourteen_nodes.yaml"


@pytest.fixture(params=[*pipeline_names(), LARGE], ids=lambda name: Path(name).stem)
def graph(request):
    return load(request.param, ModelStore())


def parse(svg):
    return ElementTree.fromstring(svg)  # noqa: S314  # we wrote it


def boxes_of(svg):
    """Each drawn box: its group and its width and height."""
    for group in parse(svg).iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect[@class='card']")
        if rect is not None:
            yield group, float(rect.get("width")), float(rect.get("height"))


def test_every_node_port_type_and_model_is_written(graph):
    words = set(re.findall(r"[\w.-]+", "\n".join(parse(draw(graph)).itertext())))
    for node in graph.nodes.values():
        assert {node.name, node.stage.name, *node.models, *node.models.values()} <= words
        assert set(node.inputs) <= words
    assert {*graph.inputs, *graph.outputs} <= words
    assert {kind.__name__ for kind in graph.inputs.values()} <= words


def test_each_edge_starts_and_ends_at_a_port(graph):
    root = parse(draw(graph))
    dots = set()
    for group in root.iter(f"{SVG}g"):
        x, y = map(float, re.findall(r"[\d.]+", group.get("transform")))
        dots |= {
            (round(x + float(dot.get("cx")), 0), round(y + float(dot.get("cy")), 0))
            for dot in group.findall(f"{SVG}circle")
        }
    ends = 0
    for path in root.iter(f"{SVG}path"):
        for piece in path.get("d").split("M")[1:]:
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", piece)]
            for x, y in (numbers[:2], numbers[-2:]):
                ends += min(abs(x - dx) + abs(y - dy) for dx, dy in dots) <= 2
    wires = sum(len(node.inputs) for node in graph.nodes.values()) + len(graph.outputs)
    assert ends == 2 * 2 * wires  # two ends; each edge is drawn over its own halo


def test_text_stays_inside_its_box(graph):
    advance = 0.602  # of DejaVu Sans Mono, the widest of the fonts asked for
    seen = 0
    for group, width, _ in boxes_of(draw(graph, dict.fromkeys(graph.nodes, 1.5))):
        lines: dict[float, list[tuple[float, float]]] = {}
        for text in group.findall(f"{SVG}text"):
            size = 13 if "name" in [span.get("class") for span in text] else 11
            length = len("".join(text.itertext())) * size * advance
            x = float(text.get("x"))
            start = x - length if text.get("text-anchor") == "end" else x
            lines.setdefault(float(text.get("y")), []).append((start, start + length))
        for parts in lines.values():
            parts.sort()
            assert parts[0][0] > 0
            assert parts[-1][1] < width
            assert all(a[1] < b[0] for a, b in pairwise(parts))
            seen += 1
    assert seen > 3 * len(graph.nodes)


def test_text_from_the_yaml_is_escaped():
    svg = draw(load(LARGE, ModelStore()))
    assert "<made up>" not in svg
    assert 'paper: A <made up> & "quoted" one' in parse(svg).find(f"{SVG}desc").text


def test_timings_are_shown():
    graph = load("grounded_sam", ModelStore())
    svg = draw(graph, {"detect": 3.0, "segment": 0.25})
    assert "3.00 s" in svg
    assert "250 ms" in svg
    assert " s</tspan>" not in draw(graph)


def test_the_same_graph_gives_the_same_bytes(graph):
    assert draw(graph) == draw(graph)


def test_nothing_is_fetched_or_run(graph):
    svg = draw(graph)
    urls = re.findall(r"https?://[^\"'\s<]+", svg)
    assert set(urls) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<script|<foreignObject|@import|url\(|\bhref=", svg)


@st.composite
def acyclic(draw: st.DrawFn):
    """Boxes of random sizes with random ports, and edges from earlier to later ones."""
    count = draw(st.integers(1, 12))
    names = ["in", *(f"n{i}" for i in range(count)), "out"]
    boxes = {}
    for name in names:
        ports = {f"p{i}": 40.0 + 18 * i for i in range(draw(st.integers(1, 4)))}
        boxes[name] = Box(draw(st.integers(40, 300)), 60 + 18 * len(ports), ports, ports)
    edges = set()
    for _ in range(draw(st.integers(0, 3 * count))):
        a = draw(st.integers(0, count))
        b = draw(st.integers(a + 1, count + 1))
        source, target = names[a], names[b]
        output = draw(st.sampled_from(sorted(boxes[source].outputs)))
        target_port = draw(st.sampled_from(sorted(boxes[target].inputs)))
        edges.add(Edge(source, output, target, target_port))
    return boxes, sorted(edges)


@settings(max_examples=60, deadline=None)
@given(acyclic())
def test_no_box_lies_on_another_and_no_edge_on_a_box(case):
    boxes, edges = case
    layout = place(boxes, edges, ["in"], ["out"])
    rects = list(layout.rects.values())
    for i, a in enumerate(rects):
        assert a.x >= 0
        assert a.y >= 0
        assert a.x + a.width <= layout.width + 1e-6
        assert a.y + a.height <= layout.height + 1e-6
        for b in rects[i + 1 :]:
            apart_x = a.x + a.width <= b.x or b.x + b.width <= a.x
            apart_y = a.y + a.height <= b.y + 1e-6 or b.y + b.height <= a.y + 1e-6
            assert apart_x or apart_y
    for edge in edges:
        points = layout.routes[edge]
        source, target = layout.rects[edge.source], layout.rects[edge.target]
        out_y = source.y + boxes[edge.source].outputs[edge.output]
        in_y = target.y + boxes[edge.target].inputs[edge.input]
        assert points[0] == pytest.approx((source.x + source.width, out_y))
        assert points[-1] == pytest.approx((target.x, in_y))
        for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
            assert x1 >= x0  # never backwards
            low, high = min(y0, y1), max(y0, y1)
            if i % 2:
                assert y0 == y1  # level through a column
            for rect in rects:
                beside = x1 <= rect.x + 1e-6 or x0 >= rect.x + rect.width - 1e-6
                clear = high <= rect.y or low >= rect.y + rect.height
                assert beside or clear


def test_the_group_of_a_node_carries_its_name(graph):
    found = {group.get("data-node"): group for group, _, _ in boxes_of(draw(graph))}
    assert set(graph.nodes) == set(found) - {None}
    for name, node in graph.nodes.items():
        assert node.stage.name in "".join(found[name].itertext())
