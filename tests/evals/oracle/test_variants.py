"""Which steps the oracle finds in a method, by its typed ports alone."""

from __future__ import annotations

import networkx as nx
import pytest

from openseg.graph.graph import Graph, Source
from openseg.graph.loader import load, pipeline_names
from openseg.graph.stage import signature_of
from openseg.types import Instances3D
from openseg_evals.oracle.truth import Truth
from openseg_evals.oracle.variants import variants
from tests.evals.oracle import toys


def labels(graph: Graph) -> dict[str, str]:
    return {one.step: one.label for one in variants(graph)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "grounded_sam",
            {
                "score": "perfect score (detect)",
                "grounding": "perfect text grounding (detect)",
                "masks": "perfect masks (segment)",
            },
        ),
        (
            "clip_ranked_masks",
            {"score": "perfect score (fit)", "proposals": "perfect proposals (propose)"},
        ),
        ("box_to_mask", {"masks": "perfect masks (of_boxes, of_points)"}),
    ],
)
def test_shipped_methods_lose_points_where_one_expects(name, expected, store):
    assert labels(load(name, store)) == expected


def test_the_names_of_stages_and_nodes_do_not_matter():
    assert labels(toys.ranks_tiles()) == {
        "score": "perfect score (ask)",
        "proposals": "perfect proposals (cut)",
    }
    assert labels(toys.seeks_and_fills()) == {
        "score": "perfect score (find)",
        "grounding": "perfect text grounding (find)",
        "masks": "perfect masks (paint)",
    }


def test_a_choice_by_words_without_a_ranking_counts_as_the_score():
    assert labels(toys.judges_tiles()) == {
        "score": "perfect score (pick)",
        "proposals": "perfect proposals (cut)",
    }


def test_bringing_together_and_sifting_are_neither_segmenting_nor_choosing_by_words():
    assert labels(toys.fills_twice()) == {
        "score": "perfect score (find)",
        "grounding": "perfect text grounding (find)",
        "masks": "perfect masks (once, again)",
    }


def methods(store) -> list[Graph]:
    shipped = [load(name, store) for name in pipeline_names()]
    return [
        *shipped,
        toys.ranks_tiles(),
        toys.ranks_tiles_by_a_shorter_query(),
        toys.judges_tiles(),
        toys.seeks_and_fills(),
        toys.fills_twice(),
        toys.grows_by_score(),
    ]


def test_a_variant_is_a_sound_graph(store):
    for graph in methods(store):
        for variant in variants(graph):
            made = variant.graph
            left = {k: v for k, v in graph.inputs.items() if v is not Instances3D}
            assert {**left, "truth": Truth}.items() <= made.inputs.items()
            assert made.inputs.items() <= {**graph.inputs, "truth": Truth}.items()
            assert made.outputs.keys() == graph.outputs.keys()
            known = {Source("", name): kind for name, kind in made.inputs.items()}
            for name, node in made.nodes.items():
                ports = signature_of(node.stage)
                for port, source in node.inputs.items():
                    assert issubclass(known[source], ports.inputs[port].kind)
                assert {p.name for p in ports.inputs.values() if p.required} <= {*node.inputs}
                known |= {Source(name, port): p.kind for port, p in ports.outputs.items()}
            assert set(made.outputs.values()) <= known.keys()
            assert set(made.dag) == set(made.nodes)
            needed = {source.node for source in made.outputs.values()}
            assert all(
                nx.descendants(made.dag, name) & needed or name in needed for name in made.dag
            )


def test_the_method_itself_is_left_as_it_is(store):
    graph = load("grounded_sam", store)
    before = dict(graph.nodes), dict(graph.outputs), dict(graph.inputs)
    variants(graph)
    assert (graph.nodes, graph.outputs, graph.inputs) == before


def test_objects_of_a_thinned_cloud_are_compared_with_truth_on_it(store):
    graph = load("ours_3d", store)
    [proposals] = [one for one in variants(graph) if one.step == "grounding"]
    nodes = proposals.graph.nodes
    [carry] = [node for node in nodes.values() if node.stage.name == "oracle.carry"]
    assert carry.inputs["cloud"] == Source("", "cloud")
    assert carry.inputs["target"] == Source("thin", "cloud")
    true = nodes["merge"].inputs["pieces"]
    assert nodes[true.node].inputs["truth"] == Source(carry.name, "truth")
    # The answer is on the scene's own cloud again.
    answer = nodes["whole.instances on truth"]
    assert answer.inputs["truth"] == Source("", "truth")
