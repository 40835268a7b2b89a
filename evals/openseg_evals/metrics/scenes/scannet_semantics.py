"""3D semantic mIoU and mAcc from one confusion matrix, as three programs compute them.

They differ in the classes they average over and in points without a prediction. Sources: ScanNet
`evaluate_semantic_label.py`, OpenScene `util/metric.py`, ConceptGraphs `utils/eval.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def scannet_semantics(counts: NDArray[np.int64], convention: str) -> dict[str, Any]:
    """Scores a set of scenes.

    Args:
        counts: `int64 [classes, classes + 1]`, sum of `semantic.confusion` over the scenes: truth
            by prediction, the last column for predictions outside the classes.
        convention: `scannet` averages IoU over the classes with truth or prediction, accuracy over
            those with truth; `truth` both over the classes with truth; `openscene` divides the sum
            over classes with truth by the number of all classes, and points without prediction
            count against the accuracy only; `conceptgraphs` drops classes without truth, and what
            was predicted as them, before it counts.

    Returns:
        Fractions `mIoU`, `mAcc`, for `conceptgraphs` also `F-mIoU`, `classes_averaged`, and `IoU`
        of each class, None where the convention leaves it out. None where nothing is defined.
    """
    present = counts.sum(axis=1) > 0
    if convention == "conceptgraphs":
        columns = np.append(present, values=False)
        counts = np.where(columns[None], counts, 0)
    hits = np.diagonal(counts).astype(np.int64)
    truth = counts.sum(axis=1)
    inside = counts[:, :-1].sum(axis=1) if convention == "openscene" else truth
    union = inside + counts[:, :-1].sum(axis=0) - hits
    kept = union > 0 if convention == "scannet" else present
    number = len(truth) if convention == "openscene" else int(kept.sum())
    if not present.any():
        return {"mIoU": None, "mAcc": None, "classes_averaged": 0}
    iou = np.where(kept, hits / np.maximum(union, 1), 0.0)
    recall = hits / np.maximum(truth, 1)
    recalled = len(truth) if convention == "openscene" else int(present.sum())
    scores: dict[str, Any] = {
        "mIoU": float(iou.sum() / number),
        "mAcc": float(recall.sum() / recalled),
        "classes_averaged": number,
        "IoU": [float(one) if there else None for one, there in zip(iou, kept, strict=True)],
    }
    if convention == "conceptgraphs":
        scores["F-mIoU"] = float((iou * truth).sum() / max(int(truth.sum()), 1))
    return scores
