"""The measures of the mini family: each model's numbers on held-out scenes, with their floors.

A measure is a function of the loaded adapter and the test scenes of a split. A model joins the
table with one line; `measure` is what `openseg eval mini-family` runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from openseg.mini.measures.detector import detector_scores
from openseg.mini.measures.encoder import encoder_scores
from openseg.mini.measures.language import language_scores
from openseg.mini.measures.parser import parser_scores
from openseg.mini.measures.retrieval import retrieval_scores
from openseg.mini.measures.score import Score
from openseg.mini.measures.segmenter import segmenter_scores
from openseg.mini.recipes.stable_diffusion.evaluate import pointing_scores
from openseg.mini.recipes.stills import Still, Stills
from openseg.mini.recipes.walks import Walk, write_walks
from openseg.mini.rooms.shards import shard_jobs, write_shards
from openseg.models.store import ModelStore
from openseg.types.errors import MissingWeightsError

TestSplit = Literal["test_seen", "test_unseen"]
SPLITS: tuple[TestSplit, ...] = ("test_seen", "test_unseen")
STILLS, ROOMS = 120, 8
"""Stills and rooms of each split."""
LOOKED_AT = 10
"""The first stills of each split were looked at while the models were made, and are left out."""
LANGUAGE_STILLS = 40
"""Stills that a language model, the slowest of the family, is asked about."""


@dataclass(frozen=True)
class HeldOutScenes:
    """Scenes of one split that no model was trained on.

    Attributes:
        split: Name of the split.
        data: Folder of the rendered splits.
        count: How many stills.
    """

    split: TestSplit
    data: Path
    count: int = STILLS

    @property
    def unseen(self) -> bool:
        """Whether the split names and shows held-out pairs."""
        return self.split == "test_unseen"

    @cached_property
    def stills(self) -> Sequence[Still]:
        """Stills."""
        return Stills(self.data, self.split).first(LOOKED_AT + self.count)[LOOKED_AT:]

    @cached_property
    def walks(self) -> Stills:
        """Views of walks through rooms."""
        return Stills(self.data / "walks", self.split)


Measure = Callable[[Any, HeldOutScenes], dict[str, Score]]


@dataclass(frozen=True)
class Exam:
    """What a model is asked, and what it must reach.

    Attributes:
        family: Name of its family in the catalogue.
        measure: Gives its scores on one split.
        floors: For each score that has one, the floors on `test_seen` and `test_unseen`.
    """

    family: str
    measure: Measure
    floors: Mapping[str, tuple[float, float]]


EXAMS: dict[str, Exam] = {
    "grounding-dino": Exam(
        "grounding-dino",
        lambda model, scenes: detector_scores(model, scenes.stills, unseen=scenes.unseen),
        {"recall": (0.80, 0.70), "auc": (0.90, 0.85)},
    ),
    "sam": Exam(
        "sam",
        lambda model, scenes: segmenter_scores(model, scenes.stills),
        {"box": (0.88, 0.85), "point": (0.75, 0.72), "automatic": (0.65, 0.62)},
    ),
    "clip": Exam(
        "clip",
        lambda model, scenes: encoder_scores(model, scenes.stills, unseen=scenes.unseen),
        {"right of 20": (0.85, 0.75)},
    ),
    "dino": Exam(
        "dinov2",
        lambda model, scenes: retrieval_scores(model, scenes.walks),
        {"top 1 of 30": (0.85, 0.80)},
    ),
    "sd": Exam(
        "stable-diffusion",
        lambda model, scenes: pointing_scores(model, scenes.stills),
        {"pointing": (0.65, 0.55)},
    ),
    "vlm": Exam(
        "vlm",
        lambda model, scenes: language_scores(model, scenes.stills[:LANGUAGE_STILLS]),
        {
            "attributes": (0.85, 0.75),
            "yes-no": (0.85, 0.80),
            "target by description": (0.65, 0.55),
        },
    ),
    "parser": Exam(
        "parser",
        lambda model, scenes: parser_scores(model, scenes.stills),
        {"head": (0.98, 0.88), "noun": (0.98, 0.93)},
    ),
}
"""The exam of each model of the mini family."""


@dataclass(frozen=True)
class Result:
    """One score of one model on one split.

    Attributes:
        model: The model.
        split: The split.
        name: What was measured.
        score: The number and what it is over.
        floor: What it must reach, or None.
    """

    model: str
    split: TestSplit
    name: str
    score: Score
    floor: float | None

    @property
    def holds(self) -> bool:
        """Whether the floor is reached; true without one."""
        return self.floor is None or self.score.value >= self.floor

    def as_dict(self) -> dict[str, Any]:
        """Plain values, NaN as None."""
        value = None if math.isnan(self.score.value) else round(self.score.value, 4)
        return {"value": value, "n": self.score.count, "floor": self.floor, "holds": self.holds}


def render_tests(data: Path, count: int = STILLS, rooms: int = ROOMS, processes: int = 2) -> None:
    """Renders the test scenes that are not there yet.

    Args:
        data: Folder for the rendered splits.
        count: Stills of each split.
        rooms: Rooms of each split that are walked through.
        processes: Processes that render.

    Raises:
        MissingExtraError: If the renderer is not installed.
        UserError: If the folder cannot be written to.
    """
    stills = LOOKED_AT + count
    write_shards([job for split in SPLITS for job in shard_jobs(split, stills, data)], processes)
    walks = data / "walks"
    write_walks([Walk(split, k, walks) for split in SPLITS for k in range(rooms)], processes)


def without_weights(store: ModelStore) -> dict[str, str]:
    """The models that cannot be measured, each with the reason."""
    reasons = {}
    for model, exam in EXAMS.items():
        try:
            store.locate(exam.family)
        except MissingWeightsError as error:
            reasons[model] = str(error)
    return reasons


def measure(
    data: Path, store: ModelStore, models: Sequence[str] = tuple(EXAMS), count: int = STILLS
) -> list[Result]:
    """Scores models on both test splits.

    Args:
        data: Folder of the rendered splits, see `render_tests`.
        store: Where the models come from.
        models: Names in `EXAMS`.
        count: Stills of each split.

    Returns:
        Every score, in the order of models, splits and measures.

    Raises:
        MissingWeightsError: If a model has no weights here.
        UserError: If the test scenes are not there.
    """
    results = []
    for model in models:
        exam = EXAMS[model]
        adapter = store.load(exam.family)
        for column, split in enumerate(SPLITS):
            for name, score in exam.measure(adapter, HeldOutScenes(split, data, count)).items():
                floors = exam.floors.get(name)
                floor = None if floors is None else floors[column]
                results.append(Result(model, split, name, score, floor))
    return results
