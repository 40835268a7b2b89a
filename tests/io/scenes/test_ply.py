"""PLY files as other programs write them: text, both byte orders, meshes, odd properties."""

from __future__ import annotations

import struct

import numpy as np
import pytest
import torch

from openseg.io.scenes.ply import Mesh, read_cloud, read_mesh, write_ply
from openseg.types import PointCloud
from openseg.types.errors import InputError
from tests.fuzzing import fuzz_files
from tests.soaking import times

POINTS = [(0.5, -1.25, 3.0, 10, 20, 30), (1.0, 2.0, -4.5, 255, 0, 1), (7.0, 8.0, 9.0, 4, 5, 6)]
VERTEX = "element vertex 3\n" + "".join(f"property float {axis}\n" for axis in "xyz")
COLOR = "".join(f"property uchar {name}\n" for name in ("red", "green", "blue"))


def header(kind, *more):
    return (
        f"ply\nformat {kind} 1.0\ncomment made by hand\n{VERTEX}{COLOR}{''.join(more)}end_header\n"
    )


def binary(order, faces=b"", more=""):
    kind = "binary_little_endian" if order == "<" else "binary_big_endian"
    rows = b"".join(struct.pack(f"{order}3f3B", *point) for point in POINTS)
    return header(kind, more).encode() + rows + faces


def text():
    return (header("ascii") + "".join(" ".join(map(str, one)) + "\n" for one in POINTS)).encode()


@pytest.mark.parametrize("content", [text(), binary("<"), binary(">")])
def test_a_cloud_is_read_in_the_order_of_the_file(content, tmp_path):
    path = tmp_path / "cloud.ply"
    path.write_bytes(content)
    cloud = read_cloud(path)
    assert cloud.positions.tolist() == [list(point[:3]) for point in POINTS]
    assert cloud.colors.tolist() == [list(point[3:]) for point in POINTS]
    assert cloud.normals is None


FACES = "element face {}\nproperty list uchar int vertex_indices\n"


@pytest.mark.parametrize("corners", [3, 4, 5])
@pytest.mark.parametrize("order", "<>")
def test_faces_of_any_one_size_are_read(corners, order, tmp_path):
    rows = [[i % 3 for i in range(corners)], [2] * corners]
    packed = b"".join(struct.pack(f"{order}B{corners}i", corners, *row) for row in rows)
    path = tmp_path / "mesh.ply"
    path.write_bytes(binary(order, packed, FACES.format(2)))
    mesh = read_mesh(path)
    assert mesh.faces.tolist() == rows
    assert len(mesh.cloud) == 3


def test_faces_of_different_sizes_are_refused(tmp_path):
    packed = struct.pack("<B3i", 3, 0, 1, 2) + struct.pack("<B4i", 4, 0, 1, 2, 0)
    path = tmp_path / "mesh.ply"
    path.write_bytes(binary("<", packed, FACES.format(2)))
    with pytest.raises(InputError, match="different numbers of corners"):
        read_mesh(path)


def test_what_labels_need_is_written_and_read_back(tmp_path):
    random = np.random.default_rng(0)
    cloud = PointCloud(
        torch.rand(50, 3),
        torch.randint(0, 256, (50, 3), dtype=torch.uint8),
        torch.nn.functional.normalize(torch.randn(50, 3)),
    )
    labels = random.integers(0, 2000, 50).astype(np.uint16)
    mesh = Mesh(
        cloud,
        random.integers(0, 50, (20, 3)),
        {"label": labels},
        {"object_id": np.arange(20, dtype=np.int32)},
    )
    write_ply(tmp_path / "new" / "mesh.ply", mesh)
    back = read_mesh(tmp_path / "new" / "mesh.ply")
    assert torch.equal(back.cloud.positions, cloud.positions)
    assert torch.equal(back.cloud.colors, cloud.colors)
    torch.testing.assert_close(back.cloud.normals, cloud.normals)
    assert back.of_vertices["label"].tolist() == labels.tolist()
    assert back.of_faces["object_id"].tolist() == list(range(20))
    assert (back.faces == mesh.faces).all()


def test_colours_may_be_missing_or_from_0_to_1(tmp_path):
    path = tmp_path / "cloud.ply"
    path.write_text(f"ply\nformat ascii 1.0\n{VERTEX}end_header\n0 0 0\n1 1 1\n2 2 2\n")
    assert read_cloud(path).colors.unique().tolist() == [128]
    floats = COLOR.replace("uchar", "float")
    rows = "0 0 0 0 0.5 1\n" * 3
    path.write_text(f"ply\nformat ascii 1.0\n{VERTEX}{floats}end_header\n{rows}")
    assert read_cloud(path).colors[0].tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (binary("<")[:-4], "not a whole PLY file"),
        (text()[:-20], "not a whole PLY file"),
        (b"hello", "not a whole PLY file"),
        (b"", "not a whole PLY file"),
        (b"ply\nformat ascii 1.0\nelement vertex 0\nproperty float x\nend_header\n", "is empty"),
        (b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n3\n", "only x"),
    ],
)
def test_a_broken_file_is_answered_in_one_line(content, message, tmp_path):
    path = tmp_path / "cloud.ply"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_cloud(path)
    assert caught.value.where == str(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_a_users_mistake(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_cloud(tmp_path / "cloud.ply")


@pytest.mark.parametrize("kind", ["text", "little", "big"])
def test_broken_files_are_read_or_refused(kind, tmp_path):
    path = tmp_path / "cloud.ply"
    path.write_bytes({"text": text(), "little": binary("<"), "big": binary(">")}[kind])
    fuzz_files(f"PLY files ({kind})", [path], read_mesh, times(60, 1000))
