"""Own scenes and ARKitScenes: every folder of posed RGB-D frames that openseg can read.

There is no official truth: what is asked for is said by the user, and scores need a folder of
`<scene>.txt` with label * 1000 + instance a vertex. Without one, scenes can be run and looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NoReturn

from openseg.io.scenes.layout import layout_of, read_scene
from openseg.types.errors import InputError, UserError
from openseg_evals.dataset_kinds.scenes import (
    TASK,
    TOLD,
    TRUTH,
    LabelledScene,
    LabelledScenes,
    Told,
    given_truth,
)
from openseg_evals.dataset_options import Option, resolve_options
from openseg_evals.formats.label_sets import LABEL_SETS, LabelSet
from openseg_evals.samples import SceneDataset

OPTIONS = {
    "phrases": Option("", "what is looked for, separated by ';'; labels count from 1"),
    "labels": Option("", "a label set to look for instead", ("", *LABEL_SETS)),
    "task": TASK,
    "truth": TRUTH,
    **TOLD,
}


def load(folder: Path, options: Mapping[str, str]) -> SceneDataset:
    """Reads all scenes of a folder.

    Args:
        folder: A scene, or a folder of scenes.
        options: Those of `OPTIONS`; `phrases` or `labels` must be chosen.

    Raises:
        UserError: If an option does not exist, nothing is asked for, or there is no scene.
    """
    chosen = resolve_options("posed_rgbd", OPTIONS, options)
    phrases = [one.strip() for one in chosen["phrases"].split(";") if one.strip()]
    if bool(phrases) == bool(chosen["labels"]):
        fix = f"choose phrases='red mug; chair', or labels={' or '.join(LABEL_SETS)}"
        raise UserError("phrases or labels must be chosen", where="data set posed_rgbd", fix=fix)
    labels = LABEL_SETS[chosen["labels"]] if chosen["labels"] else _asked(phrases)
    scenes = _scenes(folder)
    given = given_truth(folder, chosen["truth"], [one.id for one in scenes])
    name = (chosen["labels"], labels)
    return LabelledScenes(
        "posed_rgbd",
        scenes,
        name,
        task=chosen["task"],
        given=given,
        told=Told.of(folder, chosen, [one.id for one in scenes]),
    )


def _asked(phrases: list[str]) -> LabelSet:
    return LabelSet(names=dict(enumerate(phrases, start=1)))


def _scenes(folder: Path) -> list[LabelledScene]:
    if folder.is_dir() and layout_of(folder) is None:
        inside = [one for one in sorted(folder.iterdir()) if one.is_dir() and layout_of(one)]
        if inside:
            return [_scene(one) for one in inside]
    return [_scene(folder)]


def _scene(folder: Path) -> LabelledScene:
    scene = read_scene(folder)
    if scene.cloud_path is None:
        fix = "scores count the vertices of a PLY file: put it into the folder as cloud.ply"
        raise InputError("has no point cloud", where=str(folder), fix=fix)
    annotated = partial(_no_truth, scene.name)
    return LabelledScene(scene.name, folder, scene.cloud_path, annotated)


def _no_truth(scene: str) -> NoReturn:
    fix = "choose truth=FOLDER with <scene>.txt, label * 1000 + instance a vertex"
    raise InputError("has no truth", where=scene, fix=fix)
