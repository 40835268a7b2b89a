"""Rooms as ScanNet publishes its scans: frames, mesh, segments, objects, labels, truth for scores.

Labels are ScanNet's own categories, so both its benchmarks read them: ScanNet200 and, through
NYU40, the 20 classes. `part/` and the part of each vertex are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.formats.encode import depth_png, dumps, jpeg, lines, matrix, ply, png
from openseg.mini.rooms.formats.ledger import Files
from openseg.mini.rooms.formats.making import Format
from openseg.mini.rooms.formats.order import Order
from openseg.mini.rooms.formats.scenes.labels import LABELS, NYU40_NAMES, colours, nyu40_id
from openseg.mini.rooms.formats.scenes.scanrefer import descriptions
from openseg.mini.rooms.formats.scenes.segments import CREASE, segments_of
from openseg.mini.rooms.formats.scenes.walk import (
    PER_LABEL,
    scene_name,
    vertex_columns,
    walk_through,
)
from openseg.mini.rooms.layout import make_room
from openseg.mini.rooms.layout.walk import HEIGHT, WIDTH
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scan import Scan
from openseg.mini.rooms.scene import Camera, Scene

LABEL_MAP = "scannetv2-labels.combined.tsv"
"""ScanNet's table of categories, with ours only."""

_HIGHEST = 1 << 11  # above all ids of labels and of instances


@dataclass(frozen=True)
class ScanNetScene:
    """A room to be written."""

    order: Order
    index: int

    @property
    def name(self) -> str:
        """Its name, such as `scene0000_02`."""
        return scene_name(self.order, self.index)

    def write(self, renderer: Renderer, files: Files) -> dict[str, Any]:
        """Renders it and writes its folder and its truth; see `Piece.write`.

        Returns:
            How many objects of each ScanNet200 id it has, and what is said of them.
        """
        folder, scene = f"scans/{self.name}", make_room(self.order.scene_seed(self.index))
        label_of = np.zeros(_HIGHEST, dtype=np.uint16)
        known = scene.labels()
        label_of[list(known)] = list(known.values())

        def write_frame(number: int, view: View) -> None:
            files.write(f"{folder}/color/{number}.jpg", jpeg(view.image))
            files.write(f"{folder}/depth/{number}.png", depth_png(view.depth))
            files.write(f"{folder}/pose/{number}.txt", matrix(view.camera.pose))
            files.write(f"{folder}/instance-filt/{number}.png", png(view.ids.astype(np.uint8)))
            files.write(f"{folder}/label-filt/{number}.png", png(label_of[view.ids]))
            files.write(f"{folder}/part/{number}.png", png(view.parts))

        scan = walk_through(scene, renderer, write_frame)
        camera = scene.cameras[0].resized(*self.order.size)
        _write_intrinsics(files, f"{folder}/intrinsic", camera)
        description = _description(scene, camera, len(scene.cameras))
        files.write(f"{folder}/{self.name}.txt", description.encode())
        _write_meshes(files, f"{folder}/{self.name}_vh_clean_2", scan)
        _write_annotations(files, folder, self.name, scan)
        numbers = scan.labels.astype(np.int64) * PER_LABEL + scan.instances
        files.write(f"instance_gt/{self.order.split}/{self.name}.txt", lines(numbers))
        files.write(f"semantic_gt/{self.order.split}/{self.name}.txt", lines(scan.labels))
        seen, counts = np.unique(np.unique(numbers) // PER_LABEL, return_counts=True)
        return {
            "counts": {str(label): int(n) for label, n in zip(seen, counts, strict=True)},
            "descriptions": descriptions(scene, scan, self.name),
        }


def _write_intrinsics(files: Files, folder: str, camera: Camera) -> None:
    k = np.eye(4)
    k[:3, :3] = camera.k
    for sensor in ("color", "depth"):
        files.write(f"{folder}/intrinsic_{sensor}.txt", matrix(k))
        files.write(f"{folder}/extrinsic_{sensor}.txt", matrix(np.eye(4)))


def _description(scene: Scene, camera: Camera, frames: int) -> str:
    """The scene's own text file: `key = value` lines."""
    identity = " ".join(f"{v:.6f}" for v in np.eye(4).ravel())
    values: dict[str, object] = {"axisAlignment": identity}
    for sensor in ("color", "depth"):
        values |= {f"{sensor}Height": camera.height, f"{sensor}Width": camera.width}
        values |= {f"f{axis}_{sensor}": f"{camera.focal:.6f}" for axis in "xy"}
        values |= {f"m{axis}_{sensor}": f"{camera.k[i, 2]:.6f}" for i, axis in enumerate("xy")}
    values |= {"colorToDepthExtrinsics": identity}
    values |= {"numColorFrames": frames, "numDepthFrames": frames, "numIMUmeasurements": 0}
    values |= {"sceneType": scene.room.layout.capitalize()}
    return "".join(f"{key} = {value}\n" for key, value in sorted(values.items()))


def _write_meshes(files: Files, stem: str, scan: Scan) -> None:
    opaque = {"alpha": np.full(len(scan.points), 255, dtype=np.uint8)}
    files.write(f"{stem}.ply", ply(vertex_columns(scan, scan.colours) | opaque, scan.faces))
    nyu40 = np.zeros(_HIGHEST, dtype=np.uint16)
    nyu40[list(LABELS)] = [nyu40_id(name) for name in LABELS.values()]
    labels = nyu40[scan.labels]
    columns = vertex_columns(scan, colours(labels.astype(np.int64))) | opaque
    columns |= {"label": labels, "part": scan.parts}
    files.write(f"{stem}.labels.ply", ply(columns, scan.faces))


def _write_annotations(files: Files, folder: str, name: str, scan: Scan) -> None:
    """Segments, and the objects as sets of segments."""
    segments = segments_of(scan)
    segments_file = f"{name}_vh_clean_2.0.010000.segs.json"
    segmentation = {
        "params": {"by": "part and crease", "crease": str(CREASE)},
        "sceneId": name,
        "segIndices": segments.tolist(),
    }
    files.write(f"{folder}/{segments_file}", dumps(segmentation))
    objects, begin = np.unique(scan.instances, return_index=True)
    groups = [
        {
            "id": int(instance) - 1,
            "objectId": int(instance) - 1,
            "segments": np.unique(segments[scan.instances == instance]).tolist(),
            "label": LABELS[int(scan.labels[first])],
        }
        for instance, first in zip(objects, begin, strict=True)
    ]
    aggregation = {
        "sceneId": f"scannet.{name}",
        "appId": "Aggregator.v2",
        "segGroups": groups,
        "segmentsFile": f"scannet.{segments_file}",
    }
    files.write(f"{folder}/{name}.aggregation.json", dumps(aggregation))


def _pieces(order: Order) -> list[ScanNetScene]:
    return [ScanNetScene(order, index) for index in range(order.n)]


def _gather(order: Order, rooms: Sequence[dict[str, Any]], files: Files) -> None:
    """The list of the split, the table of labels, the names of parts, the sentences."""
    names = "".join(f"{piece.name}\n" for piece in _pieces(order))
    files.write(f"scannetv2_{order.split}.txt", names.encode())
    rows = [("id", "raw_category", "category", "count", "nyu40id", "nyu40class")]
    for id_, name in sorted(LABELS.items()):
        count = sum(one["counts"].get(str(id_), 0) for one in rooms)
        nyu40 = nyu40_id(name)
        rows.append((str(id_), name, name, str(count), str(nyu40), NYU40_NAMES[nyu40]))
    files.write(LABEL_MAP, "".join("\t".join(row) + "\n" for row in rows).encode())
    files.write("parts.json", dumps({c.name: list(c.parts) for c in CATEGORIES}))
    said = list(chain.from_iterable(one["descriptions"] for one in rooms))
    files.write(f"ScanRefer_filtered_{order.split}.json", dumps(said))


SCANNET = Format("ScanNet scene folders", (WIDTH, HEIGHT), _pieces, _gather)
"""Rooms in ScanNet's format.

`scans/<scene>/` has `color`, `depth` (millimetres), `pose`, `intrinsic`, `instance-filt` (object id
+ 1), `label-filt` (ScanNet200 ids), `part` (place in the category's list in `parts.json`, from 1),
the mesh, its segments, objects and labels. `instance_gt/<split>/<scene>.txt` and `semantic_gt/`
hold the truth that the metrics read, `ScanRefer_filtered_<split>.json` sentences for one object.
"""
