"""Rooms as Replica comes: frames as rendered for NICE-SLAM, and the mesh whose faces name objects.

What Replica has a class for has its id, so its 48 classes can be scored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from openseg.mini.rooms.formats.encode import depth_png, dumps, jpeg, lines, ply
from openseg.mini.rooms.formats.ledger import Files
from openseg.mini.rooms.formats.making import Format
from openseg.mini.rooms.formats.order import Order
from openseg.mini.rooms.formats.scenes.labels import replica_class
from openseg.mini.rooms.formats.scenes.walk import (
    PER_LABEL,
    scene_name,
    vertex_columns,
    walk_through,
)
from openseg.mini.rooms.layout import make_room
from openseg.mini.rooms.layout.walk import HEIGHT, WIDTH
from openseg.mini.rooms.render import Renderer, View
from openseg.mini.rooms.scene import Scene

DEPTH_SCALE = 6553.5
"""Stored units in a metre: 10 metres are the most that 16 bits hold."""


@dataclass(frozen=True)
class ReplicaScene:
    """A room to be written."""

    order: Order
    index: int

    @property
    def name(self) -> str:
        """Its name, such as `scene0000_02`."""
        return scene_name(self.order, self.index)

    def write(self, renderer: Renderer, files: Files) -> dict[str, float]:
        """Renders it and writes its folder, mesh and truth; see `Piece.write`.

        Returns:
            The camera.
        """
        scene = make_room(self.order.scene_seed(self.index))

        def write_frame(number: int, view: View) -> None:
            results = f"{self.name}/results"
            files.write(f"{results}/frame{number:06d}.jpg", jpeg(view.image))
            files.write(f"{results}/depth{number:06d}.png", depth_png(view.depth, DEPTH_SCALE))

        scan = walk_through(scene, renderer, write_frame)
        poses = (" ".join(f"{v:.9g}" for v in c.pose.ravel()) + "\n" for c in scene.cameras)
        files.write(f"{self.name}/traj.txt", "".join(poses).encode())
        columns = vertex_columns(scan, scan.colours)
        files.write(f"{self.name}_mesh.ply", ply(columns, scan.faces))
        objects = {"object_id": scan.instances[scan.faces[:, 0]] - 1}
        habitat = f"{self.name}/habitat"
        files.write(f"{habitat}/mesh_semantic.ply", ply(columns, scan.faces, objects))
        files.write(f"{habitat}/info_semantic.json", dumps(_info(scene)))
        classes = np.array([_class_of(scene, id_) for id_ in range(max(scene.labels()) + 1)])
        numbers = classes[scan.instances] * PER_LABEL + scan.instances
        files.write(f"gt/{self.name}.txt", lines(numbers))
        camera = scene.cameras[0].resized(*self.order.size)
        k = camera.k
        sides = {"w": camera.width, "h": camera.height, "fx": k[0, 0], "fy": k[1, 1]}
        return sides | {"cx": k[0, 2], "cy": k[1, 2], "scale": DEPTH_SCALE}


def _class_of(scene: Scene, instance: int) -> int:
    labels = scene.labels()
    return replica_class(labels[instance])[0] if instance in labels else 0


def _info(scene: Scene) -> dict[str, Any]:
    """Replica's `info_semantic.json`: classes, and the class of each object."""
    labels = scene.labels()
    classes = {instance: replica_class(label) for instance, label in sorted(labels.items())}
    label_of = [-1] * max(labels)
    for instance, (number, _) in classes.items():
        label_of[instance - 1] = number
    return {
        "classes": [{"id": n, "name": name} for n, name in sorted(set(classes.values()))],
        "objects": [
            {"id": instance - 1, "class_id": number, "class_name": name}
            for instance, (number, name) in classes.items()
        ],
        "id_to_label": label_of,
    }


def _pieces(order: Order) -> list[ReplicaScene]:
    return [ReplicaScene(order, index) for index in range(order.n)]


def _gather(_order: Order, cameras: Sequence[dict[str, float]], files: Files) -> None:
    """The camera, which all rooms share."""
    files.write("cam_params.json", dumps({"camera": cameras[0]}))


REPLICA = Format("Replica scenes", (WIDTH, HEIGHT), _pieces, _gather)
"""Rooms in Replica's format.

`<scene>/results` has `frame000000.jpg` and `depth000000.png` (6553.5 units a metre), `traj.txt` a
pose a line; `<scene>_mesh.ply` is the cloud, `<scene>/habitat` its objects, `gt/<scene>.txt` has
class * 1000 + object + 1 of each vertex. Classes that Replica lacks have ids from 1001.
"""
