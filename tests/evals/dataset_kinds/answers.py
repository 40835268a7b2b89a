"""A data set's own objects written as predictions in ScanNet's formats."""

from __future__ import annotations

import numpy as np

from openseg.io.scenes.ply import read_cloud


def scannet_lists(dataset, folder):
    """A list a scene, with a mask an object."""
    (folder / "masks").mkdir(parents=True)
    for sample in dataset.samples:
        lines = []
        for i, target in enumerate(sample.targets()):
            mask = np.zeros(len(read_cloud(sample.cloud)), dtype=int)
            mask[target.vertices] = 1
            name = f"masks/{sample.id}_{i}.txt"
            np.savetxt(folder / name, mask, fmt="%d")
            lines.append(f"{name} {target.label} 0.9\n")
        (folder / f"{sample.id}.txt").write_text("".join(lines))
    return folder


def vertex_labels(dataset, folder):
    """A label a vertex."""
    folder.mkdir(parents=True)
    for sample in dataset.samples:
        labels = np.zeros(len(read_cloud(sample.cloud)), dtype=int)
        for target in sample.targets():
            labels[target.vertices] = target.label
        np.savetxt(folder / f"{sample.id}.txt", labels, fmt="%d")
    return folder
