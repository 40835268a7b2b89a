"""ScanNet's scans where its download script puts them: meshes, annotations, descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals.dataset_files import find_file
from openseg_evals.formats.scannet_annotations import Preparation, vertex_ids
from openseg_evals.samples import DataFile

LABEL_MAP = DataFile(
    "scannetv2-labels.combined.tsv",
    "scannetv2-labels.combined.tsv, which the download script fetches with the scenes",
)
"""ScanNet's table of categories."""

_SCANS = "the scenes by the download script that http://www.scan-net.org/ sends after registration"


@dataclass(frozen=True)
class Scan:
    """A scan's files.

    Attributes:
        name: Its name, such as `scene0011_00`.
        home: Its folder.
        mesh: The mesh whose vertices are annotated.
    """

    name: str
    home: Path
    mesh: Path

    @property
    def aggregation(self) -> Path:
        """Its objects, as sets of segments."""
        return self.home / f"{self.name}.aggregation.json"

    def vertex_ids(self, labels: Mapping[str, int], preparation: Preparation) -> NDArray[np.int64]:
        """Label * 1000 + instance of every vertex; see `scannet_annotations.vertex_ids`."""
        segments = self.home / f"{self.name}_vh_clean_2.0.010000.segs.json"
        return vertex_ids(segments, self.aggregation, labels, preparation)

    def description(self) -> dict[str, str]:
        """The values of its `<scene>.txt` by name; none where the file is not there.

        Raises:
            InputError: If it is not text.
        """
        path = self.home / f"{self.name}.txt"
        if not path.is_file():
            return {}
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            raise InputError("is not text", where=str(path), fix="copy the file again") from None
        pairs = (line.partition(" = ") for line in lines)
        return {key: value.strip() for key, equals, value in pairs if equals}

    def tags(self) -> dict[str, str]:
        """The kind of room, where the description says it."""
        return {key: one for key, one in self.description().items() if key == "sceneType"}


def find_scan(folder: Path, name: str) -> Scan:
    """Where a scan lies.

    Args:
        folder: Holds the scans in `scans` or `scans_test`, or beside it.
        name: The scan's name.

    Raises:
        InputError: If its folder or its mesh is missing.
    """
    homes = [f"scans/{name}", name, f"scans_test/{name}"]
    home = find_file(folder, *(DataFile(one, _SCANS) for one in homes))
    return Scan(name, home, find_file(home, DataFile(f"{name}_vh_clean_2.ply", _SCANS)))
