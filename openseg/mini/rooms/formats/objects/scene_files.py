"""A scene's folder in BOP's format: pictures, poses, masks, and the same masks as a COCO file."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.io.rle import encode_masks
from openseg.mini.rooms.formats.encode import depth_png, dumps, png
from openseg.mini.rooms.formats.ledger import Files
from openseg.mini.rooms.formats.objects.silhouettes import Silhouettes
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scene import Camera, Scene, Thing

HARDLY_VISIBLE = 0.1
"""What is visible to a smaller share is no target; BOP's own limit."""

MM = 1000.0
"""Millimetres in a metre."""

Masks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """The objects of a scene.

    Attributes:
        ids: Object ids by the ids of the things that are objects.
        categories: COCO's `categories` of all objects there are.
    """

    ids: dict[int, int]
    categories: list[dict[str, Any]]


def origin(thing: Thing) -> npt.NDArray[np.float64]:
    """Where a model's axes begin: the middle of a thing's box, in the axes of its base."""
    return np.array([0.0, 0.0, thing.extent[2] / 2])


def write_scene(
    files: Files, folder: str, scene: Scene, known: Known, renderer: Renderer
) -> list[tuple[int, int]]:
    """Writes the pictures of a scene with the poses and masks of its objects.

    Args:
        files: Writes them.
        folder: The scene's folder.
        scene: The scene.
        known: Its objects.
        renderer: Draws the pictures.

    Returns:
        Image and object of each target.
    """
    things = [scene.thing(id_) for id_ in known.ids]
    truth: dict[str, Any] = {}
    details: dict[str, Any] = {}
    cameras: dict[str, Any] = {}
    pictures: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    with Silhouettes(things) as silhouettes:
        for image, view in enumerate(renderer.walk(scene)):
            whole = silhouettes.masks(view.camera)
            visible = view.ids == np.array(list(known.ids), dtype=np.uint16)[:, None, None]
            _write_pictures(files, folder, image, view, {"mask": whole, "mask_visib": visible})
            poses = [_pose(one, view.camera) for one in things]
            rows = [_detail(*pair, view.depth) for pair in zip(whole, visible, strict=True)]
            objects = known.ids.values()
            truth[str(image)] = [
                {**pose, "obj_id": id_} for pose, id_ in zip(poses, objects, strict=True)
            ]
            details[str(image)] = rows
            cameras[str(image)] = _camera(view.camera)
            height, width = view.ids.shape
            size = {"width": width, "height": height}
            pictures.append({"id": image, "file_name": f"rgb/{image:06d}.png", **size})
            for id_, row, rle in zip(objects, rows, encode_masks(visible), strict=True):
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": image,
                        "category_id": id_,
                        "iscrowd": 0,
                        "area": row["px_count_visib"],
                        "bbox": row["bbox_visib"],
                        "segmentation": rle,
                        "ignore": row["visib_fract"] < HARDLY_VISIBLE,
                        **size,
                    }
                )
    coco = {"images": pictures, "annotations": annotations, "categories": known.categories}
    for name, content in (
        ("scene_gt", truth),
        ("scene_gt_info", details),
        ("scene_camera", cameras),
        ("scene_gt_coco", coco),
    ):
        files.write(f"{folder}/{name}.json", dumps(content))
    return [(one["image_id"], one["category_id"]) for one in annotations if not one["ignore"]]


def _write_pictures(
    files: Files, folder: str, image: int, view: View, masks: dict[str, Masks]
) -> None:
    files.write(f"{folder}/rgb/{image:06d}.png", png(view.image))
    files.write(f"{folder}/depth/{image:06d}.png", depth_png(view.depth))
    for kind, rows in masks.items():
        for row, mask in enumerate(rows):
            picture = png(mask.astype(np.uint8) * 255)
            files.write(f"{folder}/{kind}/{image:06d}_{row:06d}.png", picture)


def _camera(camera: Camera) -> dict[str, Any]:
    to_camera = np.linalg.inv(camera.pose)
    return {
        "cam_K": camera.k.ravel().tolist(),
        "cam_R_w2c": to_camera[:3, :3].ravel().tolist(),
        "cam_t_w2c": (to_camera[:3, 3] * MM).tolist(),
        "depth_scale": 1.0,
    }


def _pose(thing: Thing, camera: Camera) -> dict[str, list[float]]:
    """Rotation and translation from a model's axes to the camera's."""
    turn = np.radians(thing.yaw)
    pose = np.eye(4)
    pose[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    pose[:3, 3] = np.array(thing.position) + origin(thing)
    found = np.linalg.inv(camera.pose) @ pose
    rotation, translation = found[:3, :3], found[:3, 3] * MM
    return {"cam_R_m2c": rotation.ravel().tolist(), "cam_t_m2c": translation.tolist()}


def _detail(whole: Masks, visible: Masks, depth: npt.NDArray[np.float32]) -> dict[str, Any]:
    """BOP's `scene_gt_info` of an object; only what lies inside the picture counts."""
    everything, seen = int(np.count_nonzero(whole)), int(np.count_nonzero(visible))
    return {
        "bbox_obj": _box(whole),
        "bbox_visib": _box(visible),
        "px_count_all": everything,
        "px_count_valid": int(np.count_nonzero(whole & (depth > 0))),
        "px_count_visib": seen,
        "visib_fract": round(seen / everything, 6) if everything else 0.0,
    }


def _box(mask: Masks) -> list[int]:
    """Left, top, width and height; -1 throughout for nothing, as BOP writes it."""
    y, x = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(x):
        return [-1, -1, -1, -1]
    return [int(x[0]), int(y[0]), int(x[-1] - x[0]) + 1, int(y[-1] - y[0]) + 1]
