"""ScanNet and ScanNet200 3D segmentation (Dai et al., CVPR 2017; Rozenberszki et al., ECCV 2022).

Both label the vertices of `<scene>_vh_clean_2.ply` from the same annotations: ScanNet by 20 classes
of NYU40, ScanNet200 by 200 raw categories. Instances leave wall and floor out: 18 and 198 classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.scans import LABEL_MAP, find_scan
from openseg_evals.dataset_kinds.scenes import (
    TASK,
    TOLD,
    TRUTH,
    LabelledScene,
    LabelledScenes,
    Told,
    given_truth,
)
from openseg_evals.dataset_kinds.semantic import read_split
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.label_sets import LABEL_SETS
from openseg_evals.formats.scannet_annotations import Preparation, read_label_map
from openseg_evals.samples import DataFile, SceneDataset

OPTIONS = {
    "split": Option("val", "a list scannetv2_<split>.txt: train (1201), val (312), test (100)"),
    "labels": Option("scannet200", "which benchmark", ("scannet", "scannet200")),
    "classes": Option(
        "all",
        "what is asked for: all classes of the benchmark, or those that "
        "scannetv2-labels.combined.tsv lists",
        ("all", "listed"),
    ),
    "task": TASK,
    "truth": TRUTH,
    **TOLD,
}

PREPARATIONS = {
    "scannet": Preparation("nyu40id", "objectId"),
    "scannet200": Preparation("id", "id", keep=frozenset(LABEL_SETS["scannet200"].names)),
}

_LISTS = "the lists of Tasks/Benchmark in https://github.com/ScanNet/ScanNet"


def load(folder: Path, options: Mapping[str, str]) -> SceneDataset:
    """Reads a split.

    Args:
        folder: Holds `scannetv2_<split>.txt`, `scannetv2-labels.combined.tsv` and the scenes in
            `scans` (or beside them).
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    chosen = resolve_options("scannet", OPTIONS, options)
    split, labels = chosen["split"], chosen["labels"]
    lists = [f"scannetv2_{split}.txt", f"Tasks/Benchmark/scannetv2_{split}.txt"]
    names = read_split(find_file(folder, *(DataFile(one, _LISTS) for one in lists)))
    given = given_truth(folder, chosen["truth"], names)
    preparation = PREPARATIONS[labels]
    asked = LABEL_SETS[labels]
    label_map: dict[str, int] = {}
    if given is None or chosen["classes"] == "listed":
        label_map = read_label_map(find_file(folder, LABEL_MAP), preparation.column)
    if chosen["classes"] == "listed":
        listed = set(label_map.values())
        kept = {label: name for label, name in asked.names.items() if label in listed}
        asked = replace(asked, names=kept)
    scenes = [_scene(folder, name, label_map, preparation) for name in names]
    return LabelledScenes(
        f"{labels}-{split}",
        scenes,
        (labels, asked),
        task=chosen["task"],
        given=given,
        told=Told.of(folder, chosen, names),
    )


def _scene(
    folder: Path, name: str, labels: Mapping[str, int], preparation: Preparation
) -> LabelledScene:
    scan = find_scan(folder, name)
    annotated = partial(scan.vertex_ids, labels, preparation)
    return LabelledScene(name, scan.home, scan.mesh, annotated, scan.tags())
