"""What `openseg score` can compute: a table that imports nothing heavy.

A row names the module with `score(gt, pred, options)`, the two official formats and the named
conventions with their defaults. Other packages add rows through the entry-point group
`openseg.metrics` (name -> `module:ROW`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast

from openseg.types.errors import InputError, UserError

GROUP = "openseg.metrics"


@dataclass(frozen=True)
class Convention:
    """A named choice that changes the number.

    Attributes:
        default: What is chosen if the user says nothing; empty if the user must.
        about: What it decides.
        choices: The values there are; none if any text will do.
    """

    default: str
    about: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metric:
    """A row of the table.

    Attributes:
        module: Module with `score(gt, pred, options)`; `module:function` for another name.
        summary: One line: names and task.
        gt: Format of the truth.
        pred: Format of the predictions.
        higher_is_better: Direction of the metric's numbers.
        conventions: Named choices.
    """

    module: str
    summary: str
    gt: str
    pred: str
    higher_is_better: bool = True
    conventions: Mapping[str, Convention] = field(default_factory=dict)


class Scorer(Protocol):
    """What a scorer's module offers."""

    def __call__(self, gt: Path, pred: Path, options: Mapping[str, str]) -> dict[str, Any]:
        """Reads and checks files and returns the official names and their values."""


_SPLIT = Convention("all", "which split of the refs file")
_BY = Convention("", "which refs file of a folder: unc, umd, google; needed only if several")
_MISSING = Convention(
    "error",
    "a sentence without prediction: refuse, count an empty mask, or leave out (Zero-shot-RIS)",
    ("error", "empty", "skip"),
)
_COCO_TRUTH = "COCO instances JSON"
_COCO_RESULTS = (
    "COCO results: JSON list (or lines) of {image_id, category_id, segmentation: RLE, score}"
)
_BY_CLASS = Convention("true", "false: masks match whatever their category", ("true", "false"))
_SCENES = Convention(
    "error",
    "a scene without prediction: refuse, count nothing found, or leave out (the official script)",
    ("error", "empty", "skip"),
)
_REFS = "folder with refs(<by>).p and instances.json, or the refs file"
_SENTENCES = "JSON lines (or list) of {ref_id, sent_id, segmentation: RLE or null}"

METRICS: dict[str, Metric] = {
    "boundary": Metric(
        module="openseg_evals.score.boundary",
        summary="IoU and boundary IoU of pairs of masks, averaged",
        gt="folder of PNG masks, not 0 = object",
        pred="folder of PNG masks of the same names and sizes",
    ),
    "boundary_instances": Metric(
        module="openseg_evals.score.coco_instances:score_boundary",
        summary="boundary AP: COCO AP with min(mask IoU, boundary IoU)",
        gt=_COCO_TRUTH,
        pred=_COCO_RESULTS,
        conventions={"by_class": _BY_CLASS},
    ),
    "boundary_panoptic": Metric(
        module="openseg_evals.score.panoptic:score_boundary",
        summary="boundary PQ, SQ, RQ",
        gt="COCO panoptic JSON with its PNG folder of the same name",
        pred="COCO panoptic JSON with its PNG folder of the same name",
    ),
    "coco_instances": Metric(
        module="openseg_evals.score.coco_instances",
        summary="COCO mask AP and AR",
        gt=_COCO_TRUTH,
        pred=_COCO_RESULTS,
        conventions={"by_class": _BY_CLASS},
    ),
    "generalized_referring": Metric(
        module="openseg_evals.score.generalized_referring",
        summary="gRefCOCO: gIoU, cIoU, N_acc, T_acc, Pr@0.7..0.9",
        gt="folder with grefs(unc).json or .p and instances.json, or the grefs file",
        pred="as for referring, with no_target: true or false in each entry",
        conventions={
            "split": _SPLIT,
            "by": _BY,
            "missing": _MISSING,
            "no_target": Convention(
                "declared", "from the field no_target, or an empty mask", ("declared", "empty")
            ),
        },
    ),
    "lvis": Metric(
        module="openseg_evals.score.coco_instances:score_lvis",
        summary="LVIS mask AP, by size and by frequency",
        gt="LVIS v1 JSON",
        pred=_COCO_RESULTS,
    ),
    "panoptic": Metric(
        module="openseg_evals.score.panoptic",
        summary="PQ, SQ, RQ over all categories, things, stuff",
        gt="COCO panoptic JSON with its PNG folder of the same name",
        pred="COCO panoptic JSON with its PNG folder of the same name",
    ),
    "pointing_game": Metric(
        module="openseg_evals.score.pointing_game",
        summary="pointing game: accuracy within 15 pixels, and the chance of a random point",
        gt=_COCO_TRUTH,
        pred="JSON list (or lines) of {image_id, category_id, point: [x, y]}",
        conventions={"tolerance": Convention("15", "pixels around the object that still count")},
    ),
    "reasoning": Metric(
        module="openseg_evals.score.reasoning",
        summary="ReasonSeg: gIoU, cIoU as LISA prints them",
        gt="folder of <name>.json (shapes, text, is_sentence) with <name>.jpg",
        pred="JSON lines (or list) of {image: name, segmentation: RLE or null}",
    ),
    "referring": Metric(
        module="openseg_evals.score.referring",
        summary="RefCOCO, RefCOCO+, RefCOCOg: oIoU, mIoU, P@0.5..0.9",
        gt=_REFS,
        pred=_SENTENCES,
        conventions={
            "truth": Convention(
                "single",
                "pixels in exactly one polygon (published tables) or in any (the whole object)",
                ("single", "union"),
            ),
            "style": Convention(
                "lavt", "oIoU, mIoU, P@t in percent, or LISA's gIoU, cIoU", ("lavt", "lisa")
            ),
            "split": _SPLIT,
            "by": _BY,
            "missing": _MISSING,
        },
    ),
    "scannet_instances": Metric(
        module="openseg_evals.score.scannet",
        summary="ScanNet, ScanNet200, Replica 3D instances: AP, AP50, AP25, head/common/tail",
        gt="folder of <scene>.txt, label * 1000 + instance a vertex",
        pred="folder of <scene>.txt with lines: relative/mask.txt label_id confidence",
        conventions={
            "labels": Convention(
                "scannet", "which benchmark's classes", ("scannet", "scannet200", "replica")
            ),
            "by_class": _BY_CLASS,
            "missing": _SCENES,
        },
    ),
    "scannet_semantics": Metric(
        module="openseg_evals.score.scannet:score_semantics",
        summary="ScanNet, ScanNet200 3D semantics: mIoU, mAcc, F-mIoU",
        gt="folder of <scene>.txt, a label a vertex",
        pred="folder of <scene>.txt, a label a vertex",
        conventions={
            "labels": Convention(
                "scannet", "which benchmark's classes", ("scannet", "scannet200", "replica")
            ),
            "average": Convention(
                "scannet",
                "whose rules on which classes to average and on points without prediction",
                ("scannet", "truth", "openscene", "conceptgraphs"),
            ),
            "missing": _SCENES,
        },
    ),
    "semantic": Metric(
        module="openseg_evals.score.semantic",
        summary="semantic segmentation: mIoU, mAcc, aAcc/pACC, fwIoU",
        gt="folder of PNG label maps",
        pred="folder of PNG label maps of the same names and sizes",
        conventions={
            "classes": Convention("", "number of classes, as in 150 for ADE20K"),
            "average": Convention(
                "detectron2",
                "whose rules: classes with truth, with truth or prediction, all",
                ("detectron2", "mmseg", "sceneparsing"),
            ),
            "zero": Convention(
                "class", "label 0: the first class, or unlabelled (ADE20K)", ("class", "unlabelled")
            ),
            "ignore": Convention("255", "label that does not count"),
            "boundary": Convention(
                "false", "also detectron2's boundary IoU of each class", ("false", "true")
            ),
        },
    ),
}


def metric_names() -> list[str]:
    """Every metric there is, sorted."""
    return sorted({*METRICS, *(one.name for one in entry_points(group=GROUP))})


def find_metric(name: str) -> Metric:
    """The row of a metric.

    Raises:
        UserError: If there is none; with the nearest name.
    """
    if name in METRICS:
        return METRICS[name]
    for point in entry_points(group=GROUP, name=name):
        return cast("Metric", point.load())
    near = get_close_matches(name, metric_names(), n=1, cutoff=0.5)
    fix = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(metric_names())}"
    raise UserError(f"no metric {name!r}", fix=fix)


def resolve_conventions(name: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """The value of every convention of a metric.

    Args:
        name: The metric.
        chosen: What the user chose.

    Returns:
        The user's choices over the defaults.

    Raises:
        UserError: If a convention or a value does not exist.
    """
    conventions = find_metric(name).conventions
    for key, value in chosen.items():
        if key not in conventions:
            there = ", ".join(conventions) or "none"
            raise UserError(f"{name} has no convention {key!r}", fix=f"it has: {there}")
        choices = conventions[key].choices
        if choices and value not in choices:
            raise UserError(f"{key}={value} does not exist", fix=f"choose {' or '.join(choices)}")
    return {key: chosen.get(key, one.default) for key, one in conventions.items()}


def score(name: str, gt: Path, pred: Path, chosen: Mapping[str, str]) -> dict[str, Any]:
    """Scores prediction files against truth files.

    Args:
        name: The metric.
        gt: The truth, in the metric's official format.
        pred: The predictions.
        chosen: Conventions the user chose.

    Returns:
        The official names and their values, and `conventions`, what was chosen.

    Raises:
        UserError: If the metric, a convention or a file is wrong.
    """
    options = resolve_conventions(name, chosen)
    for path, flag in ((gt, "--gt"), (pred, "--pred")):
        if not path.exists():
            raise InputError(f"{flag} does not exist", where=str(path), fix="check the path")
    module, _, function = find_metric(name).module.partition(":")
    scorer = cast("Scorer", getattr(import_module(module), function or "score"))
    scores = scorer(gt, pred, options)
    return {**scores, "conventions": options} if options else scores
