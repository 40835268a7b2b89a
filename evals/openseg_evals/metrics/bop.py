"""BOP segmentation AP: COCO AP over the target images in which barely visible truth is ignored.

An instance flagged `ignore` (visible by less than a tenth) need not be found, and what is matched
with it is not wrong; crowds are truth like any other. Sources: bop_toolkit `eval_bop22_coco.py`,
with the `ignore` flag of its pycocotools, MartinSmeyer/cocoapi; Hodan et al., "BOP", 2018-2023.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.coco_eval import InstanceEval
from openseg_evals.instance_tally import SIZES, InstanceTally


class _BopEval(InstanceEval):
    def _prepare(self) -> None:
        flags = {one["id"]: one.get("ignore", 0) for one in self.cocoGt.dataset["annotations"]}
        super()._prepare()
        for truths in self._gts.values():
            for one in truths:
                one["ignore"] = flags[one["id"]]


class BopTally(InstanceTally):
    """Matched target images; a unit is an image, its score its own AP.

    Args:
        truth: A COCO data set whose image ids are 0, 1, ...
        results: COCO results; may be empty, which is AP 0.
        images: The images' names, in order of their ids.
        times: Seconds by image name; may hold other images. None if unknown.
    """

    def __init__(
        self,
        truth: Mapping[str, Any],
        results: Sequence[Mapping[str, Any]],
        images: Sequence[str],
        times: Mapping[str, float] | None,
    ) -> None:
        super().__init__(_BopEval(truth, results, by_class=True))
        self.units = list(images)
        self._times = times

    def scores(self, rows: NDArray[np.int64] | None = None) -> dict[str, float]:
        """The official names and fractions.

        Returns:
            `AP`, `AP50`, `AP75`, `AP_small`, `AP_medium`, `AP_large`, `AR1`, `AR10`, `AR100`,
            `AR_small`, `AR_medium`, `AR_large`, -1 where there is no truth, and
            `average_time_per_image` in seconds, over images with results (of all rows: also over
            those that are not targets), -1 where times are missing.
        """
        tables = {
            "AP": self.average_precisions(self.precision(rows)),
            "AR": {f"AR{key}": value for key, value in self.average_recalls(rows).items()},
        }
        longer = {
            f"{kind}{key}": f"{kind}_{size}" for kind in tables for key, size in SIZES.items()
        }
        scores = {
            longer.get(name, name): value
            for table in tables.values()
            for name, value in table.items()
        }
        return {**scores, "average_time_per_image": self._mean_time(rows)}

    def _mean_time(self, rows: NDArray[np.int64] | None) -> float:
        if self._times is None:
            return -1.0
        names = self._times if rows is None else [self.units[row] for row in rows]
        times = [self._times[name] for name in names if name in self._times]
        return float(np.mean(times)) if times else -1.0
