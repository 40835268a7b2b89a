"""Our over-segmentation of a mesh: smooth pieces of one part, as annotators would click them."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from openseg.mini.rooms.scan import Scan

CREASE = 30.0
"""Triangles that meet at a larger angle, in degrees, belong to different segments."""


def segments_of(scan: Scan) -> npt.NDArray[np.int32]:
    """The segment of every vertex.

    Triangles that share an edge, an object and a part, and do not meet in a crease, are one
    segment. A vertex on a crease belongs to the segment of the first triangle that has it.

    Args:
        scan: A mesh whose triangles have one object and part each, and that uses every vertex.

    Returns:
        Segment ids from 0 in the order of their first vertices, int32 [n].
    """
    faces = scan.faces
    first, second = _neighbours(faces, len(scan.points))
    normals = _normals(scan)
    label = scan.instances[faces[:, 0]].astype(np.int64) * 256 + scan.parts[faces[:, 0]]
    smooth = np.einsum("nd,nd->n", normals[first], normals[second]) > np.cos(np.radians(CREASE))
    joined = smooth & (label[first] == label[second])
    ones = np.ones(np.count_nonzero(joined), dtype=bool)
    shape = (len(faces), len(faces))
    graph = coo_matrix((ones, (first[joined], second[joined])), shape=shape)
    _, of_face = connected_components(graph, directed=False)
    of_vertex = np.full(len(scan.points), -1, dtype=np.int64)
    of_vertex[faces[::-1].ravel()] = np.repeat(of_face[::-1], 3)  # the first face writes last
    _, begin, place = np.unique(of_vertex, return_index=True, return_inverse=True)
    rank = np.empty(len(begin), dtype=np.int32)
    rank[np.argsort(begin)] = np.arange(len(begin), dtype=np.int32)
    return np.asarray(rank[place], dtype=np.int32)


def _neighbours(
    faces: npt.NDArray[np.int32], points: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs of triangles that share an edge."""
    edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2).astype(np.int64), axis=1)
    keys = edges[:, 0] * points + edges[:, 1]
    order = np.argsort(keys, kind="stable")
    same = keys[order[1:]] == keys[order[:-1]]
    return order[:-1][same] // 3, order[1:][same] // 3


def _normals(scan: Scan) -> npt.NDArray[np.float64]:
    corners = scan.points.astype(np.float64)[scan.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(across, axis=1, keepdims=True)
    return np.asarray(across / np.maximum(length, 1e-12))
