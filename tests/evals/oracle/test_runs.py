"""Methods and their oracle variants, run together on scenes whose truth the renderer knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from openseg.graph.cache import Cache
from openseg.graph.events import Timings
from openseg.graph.executor import execute_many
from openseg.graph.graph import Graph, Outcome, Sample
from openseg.graph.loader import load
from openseg.models.store import ModelStore
from openseg.types import Boxes, Masks, Phrases, Points, Scores
from openseg_evals.oracle.truth import Truth
from openseg_evals.oracle.variants import variants
from tests.evals.oracle import toys
from tests.evals.oracle.conftest import CPU, Question, Scene, pairs, samples_of
from tests.graph.tiny import same

SHIPPED = ("grounded_sam", "clip_ranked_masks")
FASTER = {"clip_ranked_masks": ["propose.points_per_side=8"]}


def run(graph: Graph, samples: Sequence[Sample], models: ModelStore) -> dict[str, list[Outcome]]:
    """The outcomes of a method and its variants, all computed in one run."""
    found = variants(graph)
    outcomes = list(execute_many([graph, *(one.graph for one in found)], samples, models))
    assert [one.error for row in outcomes for one in row if one.failure] == []
    columns = zip(*outcomes, strict=True)
    return dict(zip(["", *(one.step for one in found)], map(list, columns), strict=True))


def shipped(name: str, store: ModelStore) -> Graph:
    """A shipped method, with less to compute."""
    return load(name, store, FASTER.get(name, []))


def value(outcome: Outcome, kind: type):
    return next(one for one in outcome.outputs.values() if type(one) is kind)


def masks(outcome: Outcome) -> torch.Tensor:
    return value(outcome, Masks).data


def best_iou(question: Question, outcome: Outcome) -> float:
    """RefCOCO's IoU: of the highest-scoring mask with all that is meant."""
    found = masks(outcome).numpy()
    if not len(found):
        return 0.0
    guess = found[int(value(outcome, Scores).values.argmax())]
    truth = np.any(question.scene.masks(question.phrases[0]), axis=0)
    return float((guess & truth).sum() / (guess | truth).sum())


@pytest.fixture(scope="module")
def answers(questions, store) -> dict[str, dict[str, list[Outcome]]]:
    samples = samples_of(questions)
    return {name: run(shipped(name, store), samples, store) for name in SHIPPED}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_perfect_score_never_costs_points(name, answers, questions):
    base, score = (
        [best_iou(q, o) for q, o in zip(questions, answers[name][step], strict=True)]
        for step in ("", "score")
    )
    assert np.mean(score) >= np.mean(base)
    assert np.mean(score) < 1  # the regions are still the method's own


@pytest.mark.parametrize(("name", "last"), [("grounded_sam", "masks"), (SHIPPED[1], "proposals")])
def test_the_last_step_gives_the_truth_to_the_pixel(name, last, answers, questions):
    for question, outcome in zip(questions, answers[name][last], strict=True):
        assert best_iou(question, outcome) == 1.0
        assert len(masks(outcome)) == 1


def test_true_boxes_leave_only_what_the_segmenter_loses(answers, questions, store):
    segmenter = load("box_to_mask", store)
    for question, outcome in zip(questions, answers["grounded_sam"]["grounding"], strict=True):
        [mask] = question.scene.masks(question.phrases[0])
        y, x = mask.nonzero()
        box = torch.tensor([[x.min(), y.min(), x.max() + 1, y.max() + 1]]).float()
        assert torch.equal(value(outcome, Boxes).xyxy, box)
        no_points = Points(torch.zeros(0, 1, 2), torch.zeros(0, 1, dtype=torch.int64))
        given = {"image": question.scene.image, "boxes": Boxes(box), "points": no_points}
        [[alone]] = execute_many([segmenter], [Sample("alone", given)], store)
        assert torch.equal(masks(outcome), masks(alone))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_run_encodes_and_detects_no_more_than_the_method_alone(name, questions):
    samples = samples_of(questions)
    alone, together = ModelStore(device="cpu"), ModelStore(device="cpu")
    graph = shipped(name, alone)
    counts = [counted(alone), counted(together)]
    list(execute_many([graph], samples, alone))
    run(graph, samples, together)
    assert counts[0] == counts[1]
    assert counts[0]["images encoded"] == len({q.scene.image.digest for q in questions})
    assert counts[0]["images searched"] == (len(samples) if name == "grounded_sam" else 0)


def counted(store: ModelStore) -> Counter[str]:
    """Counts the images that the store's real models see from now on."""
    counts: Counter[str] = Counter()
    segmenter, detector, encoder = map(store.load, ("sam", "grounding-dino", "clip"))
    encode, detect, embed = segmenter._encode, detector.detect, encoder.encode_images

    def count_encode(images):
        counts["images encoded"] += len(images)
        return encode(images)

    def count_detect(images, phrases, min_score):
        counts["images searched"] += len(images)
        return detect(images, phrases, min_score)

    def count_embed(crops):
        counts["crops embedded"] += len(crops)
        return embed(crops)

    segmenter._encode, detector.detect = count_encode, count_detect
    encoder.encode_images = count_embed
    return counts


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_to_find_ends_in_an_empty_answer(name, scenes, store):
    absent = [Question(scene, ("magenta zeppelin",)) for scene in scenes[:2]]
    found = run(shipped(name, store), samples_of(absent), store)
    for step, outcomes in found.items():
        if step:
            assert [len(masks(one)) for one in outcomes] == [0, 0]
            assert [len(value(one, Phrases)) for one in outcomes] == [0, 0]


def test_several_phrases_and_several_targets_are_all_found(scenes, store):
    plural = next((s, t) for s in scenes for t, ids in s.meaning.items() if len(ids) > 1)
    questions = [
        Question(plural[0], (plural[1], *pairs(plural[0]))),
        Question(scenes[0], tuple(pairs(scenes[0]))),
    ]
    last = run(load("grounded_sam", store), samples_of(questions), store)["masks"]
    for question, outcome in zip(questions, last, strict=True):
        truth = [(p, mask) for p in question.phrases for mask in question.scene.masks(p)]
        assert [one.text for one in value(outcome, Phrases).items] == [p for p, _ in truth]
        assert np.array_equal(masks(outcome).numpy(), np.stack([mask for _, mask in truth]))
        assert value(outcome, Scores).values.tolist() == [1.0] * len(truth)


def test_one_answer_a_phrase_is_left_to_the_protocol(scenes, store):
    """A method that answers each phrase with one region cannot find two, even among the truth."""
    scene, text = next((s, t) for s in scenes for t, ids in s.meaning.items() if len(ids) == 2)
    found = run(load("clip_ranked_masks", store), samples_of([Question(scene, (text,))]), store)[
        "proposals"
    ]
    [mask] = masks(found[0]).numpy()
    assert any(np.array_equal(mask, true) for true in scene.masks(text))


def test_a_method_that_finds_nothing_loses_all_its_points_before_the_score(scenes, store):
    question = Question(scenes[0], tuple(pairs(scenes[0])[:1]))
    deaf = load("grounded_sam", store, ["detect.box_threshold=1.0"])
    found = run(deaf, samples_of([question]), store)
    ious = {step: best_iou(question, one) for step, [one] in found.items()}
    assert (ious[""], ious["score"], ious["masks"]) == (0, 0, 1)
    assert ious["grounding"] > 0.5


def test_toys_get_the_best_of_their_regions_and_then_the_truth(scenes, store):
    """The best tile is found by hand; the toys themselves always take another one."""
    questions = [Question(scene, (pairs(scene)[0],)) for scene in scenes]
    tiles = toys.tiles(256, 256).numpy()
    for graph, last in (
        (toys.ranks_tiles(), "proposals"),
        (toys.judges_tiles(), "proposals"),
        (toys.seeks_and_fills(), "masks"),
    ):
        found = run(graph, samples_of(questions), store)
        for place, question in enumerate(questions):
            [truth] = question.scene.masks(question.phrases[0])
            ious = overlaps(tiles, truth)
            [kept] = masks(found["score"][place]).numpy()
            if "drop" in graph.nodes:  # half of the regions were dropped when they were boxes
                frame = np.zeros_like(truth)
                y, x = (np.flatnonzero(truth.any(axis)) for axis in (1, 0))
                frame[y.min() : y.max() + 1, x.min() : x.max() + 1] = True
                dropped = np.argsort(-overlaps(tiles, frame), kind="stable")[8:]
                ious[dropped] = 0
            assert np.array_equal(kept, tiles[ious.argmax()])
            assert np.array_equal(masks(found[last][place]).numpy(), truth[None])


def overlaps(regions: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return (regions & truth).sum((1, 2)) / (regions | truth).sum((1, 2))


def test_true_regions_are_followed_through_a_stage_that_drops_some(scenes, store):
    question = Question(scenes[0], tuple(pairs(scenes[0])[:3]))
    [found] = run(toys.seeks_and_fills(), samples_of([question]), store)["masks"]
    kept = [mask for phrase in question.phrases[:2] for mask in scenes[0].masks(phrase)]
    assert np.array_equal(masks(found).numpy(), np.stack(kept))


def test_true_regions_with_the_same_box_are_not_taken_for_each_other(scenes, store):
    ids = np.zeros(scenes[0].image.size, np.uint8)
    ids[40:80, 40:80] = 1 + np.indices((40, 40)).sum(0) % 2  # the two colours of a chessboard
    board = Scene(scenes[0].image, ids, {"black": (1,), "white": (2,)})
    question = Question(board, ("white", "black"))
    [found] = run(toys.grows_by_score(), samples_of([question]), store)["masks"]
    assert np.array_equal(masks(found).numpy(), np.stack([ids == 2, ids == 1]))


def test_what_the_cache_kept_of_an_oracle_is_what_it_gave(questions, store, tmp_path):
    graph = load("grounded_sam", store)
    graphs = [graph, *(one.graph for one in variants(graph))]
    runs = []
    for _ in range(2):
        timings = Timings()
        listeners = [timings]
        samples, cache = samples_of(questions[:2]), Cache(tmp_path)
        runs.append([*execute_many(graphs, samples, store, cache=cache, listeners=listeners)])
    assert sum(node.computed for node in timings.nodes.values()) == 0
    for first, second in zip(*runs, strict=True):
        assert all(same(a.outputs, b.outputs) for a, b in zip(first, second, strict=True))


def test_prompts_given_to_a_method_stand_for_the_region_they_fit(scenes, store):
    scene = scenes[0]
    [first], [second] = (scene.masks(text) for text in pairs(scene)[:2])
    y, x = second.nonzero()
    sloppy = torch.tensor([[x.min() - 2, y.min(), x.max(), y.max() + 3], [0, 0, 3, 3]]).float()
    row, column = np.argwhere(first)[first.sum() // 2]
    points = Points(
        torch.tensor([[[column + 0.5, row + 0.5]]]).float(), torch.ones(1, 1, dtype=torch.int64)
    )
    question = Question(scene, tuple(pairs(scene)))
    given = {"image": scene.image, "boxes": Boxes(sloppy), "points": points}
    given["truth"] = Truth.of(question.targets, scene.image.size, CPU)
    found = run(load("box_to_mask", store), [Sample("given", given)], store)
    base, corrected = (masks(found[step][0]).numpy() for step in ("", "masks"))
    assert np.array_equal(corrected[0], second)
    assert np.array_equal(corrected[1], base[1])  # a prompt in a corner stands for nothing
    assert np.array_equal(corrected[2], first)


def test_a_rewritten_query_is_the_one_that_regions_are_ranked_for(scenes, store):
    """Truth counts the phrases of the query as given; the ranking has a column for the last."""
    for scene in scenes:
        question = Question(scene, tuple(pairs(scene)[:3]))
        [found] = run(toys.ranks_tiles_by_a_shorter_query(), samples_of([question]), store)["score"]
        [truth] = scene.masks(question.phrases[-1])
        tiles = toys.tiles(256, 256).numpy()
        best = tiles[overlaps(tiles, truth).argmax()]
        assert all(np.array_equal(one, best) for one in masks(found).numpy())
        assert question.phrases[-1] in {one.text for one in value(found, Phrases).items}
