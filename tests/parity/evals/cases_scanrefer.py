"""Scans, sentences and answers on which ScanRefer's own programs were run; see `cases`.

Among them: aligned scans and one that nobody aligned, objects that share a segment, one class under
several names, an object that two sentences name differently, a name that ScanNet's table does not
have, sentences of one object far apart in the file, answers that miss, touch or are the truth.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.io.scenes.writers import write_cloud

TABLE = (  # raw_category, nyu40id, nyu40class
    ("wall", 1, "wall"), ("chair", 5, "chair"), ("office chair", 5, "chair"), ("couch", 6, "sofa"),
    ("coffee table", 7, "table"), ("monitor", 40, "otherprop"), ("trash can", 39, "otherfurniture"),
    ("shower curtain", 28, "shower curtain"), ("refrigerator", 24, "refrigerator"),
)  # fmt: skip
SCANS = 5
OBJECTS = 9
SPLIT = "val"


def scanrefer(folder: Path) -> list[dict]:
    """Writes ScanRefer's and ScanNet's files, and `pred.json`; gives the predictions."""
    draw = np.random.default_rng(19)
    said, answers = [], []
    for number in range(SCANS):
        name = f"scene{number:04d}_00"
        labels = [TABLE[k][0] for k in [0, *draw.integers(1, len(TABLE), OBJECTS - 1)]]
        boxes = _scan(folder / "scans" / name, name, labels, draw, aligned=number != 3)
        for ann in range(26):
            one = int(draw.integers(1, OBJECTS))
            called = labels[one] if draw.random() < 0.85 else TABLE[int(draw.integers(1, 8))][0]
            ids = {"scene_id": name, "object_id": str(one), "ann_id": str(ann)}
            called = "thingamabob" if draw.random() < 0.05 else called
            text = f"the {called} number {ann}"
            words = {"description": text, "token": text.split()}
            said.append({**ids, "object_name": called.replace(" ", "_"), **words})
            answers.append({**ids, "bbox": _guess(boxes, one, draw)})
    (folder / f"ScanRefer_filtered_{SPLIT}.json").write_text(json.dumps(said))
    (folder / "pred.json").write_text(json.dumps(answers))
    rows = [("id", "raw_category", "category", "count", "nyu40id", "eigen13id", "", "nyu40class")]
    for k, (raw, nyu, called) in enumerate(TABLE, 1):
        rows.append((str(k), raw, raw, "1", str(nyu), "0", "", called))
    lines = ["\t".join(one) + "\n" for one in rows]
    (folder / "scannetv2-labels.combined.tsv").write_text("".join(lines))
    return answers


def _scan(home, name, labels, draw, *, aligned):
    """Writes a scan; gives low and high corner of each object in its own axes."""
    sizes = draw.integers(12, 40, 2 * len(labels))
    middles = draw.uniform(-3, 3, (len(sizes), 3))
    extent = draw.uniform(0.05, 0.9, (len(sizes), 3))
    points = np.concatenate(
        [
            m + e * draw.uniform(-1, 1, (n, 3))
            for m, e, n in zip(middles, extent, sizes, strict=True)
        ]
    )
    write_cloud(home / f"{name}_vh_clean_2.ply", points)
    segments = np.repeat(np.arange(len(sizes)) * 7, sizes)
    parts = [[14 * k, 14 * k + 7] for k in range(len(labels))]
    parts[2].append(parts[5][0])  # the later of two objects has a segment that both claim
    parts[6].append(parts[4][1])
    groups = [
        {"id": 50 - k, "objectId": k, "label": label, "segments": part}
        for k, (label, part) in enumerate(zip(labels, parts, strict=True))
    ]
    (home / f"{name}.aggregation.json").write_text(json.dumps({"segGroups": groups}))
    content = {"segIndices": segments.tolist()}
    (home / f"{name}_vh_clean_2.0.010000.segs.json").write_text(json.dumps(content))
    turn = np.eye(4)
    angle = draw.uniform(0, 6)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    turn[:3, 3] = draw.uniform(-2, 2, 3)
    text = " ".join(f"{value:.6f}" for value in turn.ravel())
    lines = [f"axisAlignment = {text}"] if aligned else []
    (home / f"{name}.txt").write_text("".join(f"{one}\n" for one in [*lines, "sceneType = Den"]))
    if aligned:
        points = points @ turn[:3, :3].T + turn[:3, 3]
    owner = np.zeros(len(points), dtype=int)
    for k, part in enumerate(parts):
        owner[np.isin(segments, part)] = k
    found = [points[owner == k] for k in range(len(labels))]
    return [(one.min(axis=0), one.max(axis=0)) for one in found]


def _guess(boxes, one, draw):
    """Corners of an answer, in an order of their own: near the truth, or the box of another."""
    kind = draw.random()
    low, high = boxes[one if kind < 0.8 else int(draw.integers(0, OBJECTS))]
    size = high - low
    if kind < 0.6:
        low = low + draw.uniform(-0.3, 0.3, 3) * size
        high = low + size * draw.uniform(0.7, 1.3, 3)
    elif kind < 0.65:
        low, high = low + size * [1, 0, 0], high + size * [1, 0, 0]  # touches it
    corners = [[(low, high)[(k >> axis) & 1][axis] for axis in range(3)] for k in range(8)]
    return np.round(np.array(corners)[draw.permutation(8)], 6).tolist()
