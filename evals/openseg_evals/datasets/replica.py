"""Replica 3D instances (Straub et al., 2019): the 8 scenes and 48 classes of OpenMask3D.

Scenes are those rendered for NICE-SLAM, the truth numbers the vertices of `<scene>_mesh.ply`. Where
no truth is given it is taken from Replica's own `habitat/mesh_semantic.ply`, whose faces name
objects, if that mesh has the same vertices.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals.dataset_files import find_file
from openseg_evals.dataset_kinds.scenes import (
    TASK,
    TOLD,
    TRUTH,
    LabelledScene,
    LabelledScenes,
    Told,
    given_truth,
)
from openseg_evals.dataset_options import resolve_options
from openseg_evals.formats.files import need, need_list, need_number, read_json
from openseg_evals.formats.label_sets import LABEL_SETS
from openseg_evals.formats.scannet_annotations import PER_LABEL
from openseg_evals.samples import DataFile, SceneDataset

SCENES = ("office0", "office1", "office2", "office3", "office4", "room0", "room1", "room2")

OPTIONS = {"task": TASK, "truth": TRUTH, **TOLD}

_MOST = 1_000_000_000
_RENDERED = "Replica.zip from https://github.com/cvg/nice-slam (scripts/download_replica.sh)"
_ORIGINAL = "the scene from https://github.com/facebookresearch/Replica-Dataset"


def load(folder: Path, options: Mapping[str, str]) -> SceneDataset:
    """Reads the 8 scenes.

    Args:
        folder: Holds `room0`, `room0_mesh.ply`, ... and `cam_params.json`.
        options: Those of `OPTIONS`.

    Raises:
        UserError: If an option does not exist, or a file is missing or broken.
    """
    chosen = resolve_options("replica", OPTIONS, options)
    given = given_truth(folder, chosen["truth"], SCENES)
    scenes = [_scene(folder, name) for name in SCENES]
    labels = ("replica", LABEL_SETS["replica"])
    return LabelledScenes(
        "replica",
        scenes,
        labels,
        task=chosen["task"],
        given=given,
        told=Told.of(folder, chosen, SCENES),
    )


def _scene(folder: Path, name: str) -> LabelledScene:
    home = find_file(folder, DataFile(name, _RENDERED))
    meshes = [f"{name}_mesh.ply", f"{name}/{name}_mesh.ply", f"{name}/mesh.ply"]
    mesh = find_file(folder, *(DataFile(one, _RENDERED) for one in meshes))
    return LabelledScene(name, home, mesh, partial(_annotated, folder, name))


def _annotated(folder: Path, name: str) -> NDArray[np.int64]:
    original = f"{name[:-1]}_{name[-1]}"
    places = [f"{home}/habitat" for home in (name, original)]
    habitat = find_file(folder, *(DataFile(place, _ORIGINAL) for place in places))
    info = find_file(habitat, DataFile("info_semantic.json", _ORIGINAL))
    mesh = find_file(habitat, DataFile("mesh_semantic.ply", _ORIGINAL))
    return vertex_ids(info, mesh)


def vertex_ids(info: Path, semantic_mesh: Path) -> NDArray[np.int64]:
    """Class * 1000 + object + 1 of every vertex; 0 where no object or no class is.

    Args:
        info: Replica's `info_semantic.json`: the class of each object.
        semantic_mesh: Replica's `mesh_semantic.ply`: the object of each face. A vertex between
            objects belongs to that of the last face in the file.

    Returns:
        int64, one a vertex of the semantic mesh.

    Raises:
        InputError: If a file is missing or broken.
    """
    from openseg.io.scenes.ply import read_mesh

    where = str(info)
    objects = need_list(need(read_json(info), "objects", where), "objects", where)
    classes = {
        need_number(one, "id", where): need_number(one, "class_id", where) for one in objects
    }
    if any(max(abs(one), abs(label)) > _MOST for one, label in classes.items()):
        raise InputError(f"numbers are above {_MOST:,}", where=where, fix="copy the file again")
    mesh = read_mesh(semantic_mesh)
    if mesh.faces is None or "object_id" not in mesh.of_faces:
        fix = "give Replica's own habitat/mesh_semantic.ply"
        raise InputError("its faces name no object_id", where=str(semantic_mesh), fix=fix)
    of_face = mesh.of_faces["object_id"].astype(np.int64)
    numbers = {one: label * PER_LABEL + one + 1 for one, label in classes.items() if label > 0}
    found, places = np.unique(of_face, return_inverse=True)
    values = np.array([numbers.get(int(one), 0) for one in found], dtype=np.int64)[places]
    ids = np.zeros(len(mesh.cloud), dtype=np.int64)
    ids[mesh.faces.reshape(-1)] = np.repeat(values, mesh.faces.shape[1])  # the last one stays
    return ids
