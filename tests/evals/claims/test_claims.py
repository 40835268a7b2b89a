"""Each published method's own claim, as an ordering with a paired test on a mini benchmark.

A claim needs more sentences than a test can run, so it is judged on evaluations that lie on disk:
folders `openseg eval BENCHMARK --pipeline ... --out DIR/BENCHMARK` left under `OPENSEG_CLAIMS`.
Without them the claims are skipped; how they are judged is tested on numbers written by hand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from openseg_evals.report.gallery import read_units
from openseg_evals.stats.permutation import sign_flip_test

LEVEL = 0.05


class Claim(NamedTuple):
    """That one method answers sentences better than another.

    Attributes:
        benchmark: The folder of the evaluation.
        better: The method.
        worse: What it is measured against.
        constructions: The sentences the claim is about, by their construction; empty for all.
    """

    benchmark: str
    better: str
    worse: str
    constructions: frozenset[str] = frozenset()


ATTRIBUTES = frozenset({"attributes", "colour", "material", "size", "looks"})
RELATIONS = frozenset(
    {"left or right", "behind or in front", "above or under", "on", "next to", "between"}
)
CLAIMS = (
    Claim("mini-ref", "lgd", "global_local_clip", ATTRIBUTES | RELATIONS),
    Claim("mini-ref", "resanything", "clip_ranked_masks", frozenset({"function"})),
    Claim("mini-parts", "resanything", "clip_ranked_masks"),
    Claim("mini-ref", "segment_anyword", "daam_sam"),
    Claim("mini-templates", "nids_net", "nids_net_plain"),
    Claim("mini-templates", "ipseg", "dino_points"),
    Claim("mini-ov", "frozenseg", "closed_set"),
    Claim("mini-ov", "frozenseg", "pooled_clip"),
    Claim("mini-ov", "reco", "maskclip"),
)


def judged(claim: Claim, units: list[dict[str, Any]]) -> tuple[float, float]:
    """The mean difference of a claim's two methods over its sentences, and its p by sign flips."""
    asked = [
        one["scores"]
        for one in units
        if not claim.constructions or one["tags"].get("construction") in claim.constructions
    ]
    better, worse = (
        np.array([np.nan if one[name] is None else one[name] for one in asked], dtype=np.float64)
        for name in (claim.better, claim.worse)
    )
    found = sign_flip_test(better, worse)
    return found.difference, found.p


def holds(claim: Claim, units: list[dict[str, Any]]) -> bool:
    """Whether the better method is better by more than chance."""
    difference, p = judged(claim, units)
    return difference > 0 and p < LEVEL


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda one: f"{one.better}-{one.worse}")
def test_the_ordering_is_not_turned_round(claim):
    folder = Path(os.environ.get("OPENSEG_CLAIMS", "no folder")) / claim.benchmark
    if not (folder / "results.json").is_file():
        pytest.skip("no evaluation under OPENSEG_CLAIMS")
    results: Mapping[str, Any] = json.loads((folder / "results.json").read_text("utf-8"))
    if not {claim.better, claim.worse} <= set(results["pipelines"]):
        pytest.skip("the evaluation is of other pipelines")
    units = read_units(folder)
    turned = Claim(claim.benchmark, claim.worse, claim.better, claim.constructions)
    assert not holds(turned, units), judged(claim, units)


def units_of(better: list[float], worse: list[float], construction: str) -> list[dict[str, Any]]:
    return [
        {"scores": {"a": one, "b": other}, "tags": {"construction": construction}}
        for one, other in zip(better, worse, strict=True)
    ]


def test_a_claim_is_judged_on_its_own_sentences():
    units = units_of([0.9] * 12, [0.1] * 12, "colour") + units_of([0.0] * 40, [1.0] * 40, "on")
    assert holds(Claim("mini-ref", "a", "b", frozenset({"colour"})), units)
    assert not holds(Claim("mini-ref", "a", "b"), units)


def test_a_difference_by_chance_is_no_proof():
    units = units_of([0.9, 0.1, 0.8, 0.2], [0.1, 0.9, 0.2, 0.7], "colour")
    assert not holds(Claim("mini-ref", "a", "b"), units)
