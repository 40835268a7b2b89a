"""U-Score: accuracy and efficiency of a segmentation network in one number.

Tang et al., "U-Bench: a comprehensive understanding of U-Net through 100-variant benchmarking",
arXiv 2510.07041: IoU, parameters, FLOPs and speed are placed between the 10th and 90th percentile
of a zoo of networks, then joined by harmonic means. Source: the calculator of the project's page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.05  # no component is worth less: one that is out of range does not bring all to 0

Range = tuple[float, float]


class Costs(NamedTuple):
    """What a network costs.

    Attributes:
        params: Parameters, millions.
        gflops: Floating-point operations for one image, 1e9.
        fps: Images a second.
    """

    params: float
    gflops: float
    fps: float


class Zoo(NamedTuple):
    """10th and 90th percentiles of the networks that one is compared with.

    Attributes:
        iou: Mean IoU on the data set, fraction.
        log_params: Natural logarithm of the millions of parameters.
        log_gflops: Natural logarithm of the GFLOPs.
        fps: Images a second.
    """

    iou: Range
    log_params: Range
    log_gflops: Range
    fps: Range


def u_score(iou: float, costs: Costs, zoo: Zoo) -> dict[str, float]:
    """Scores a network.

    Args:
        iou: Its mean IoU over the images of the data set, fraction.
        costs: What it costs.
        zoo: The range that counts.

    Returns:
        `IoU` and `Eff`, the efficiency, as fractions; `U-Score` in percent, as the calculator
        prints it.
    """
    accuracy = _place(iou, zoo.iou)
    efficiency = _harmonic_mean(
        1 - _place(float(np.log(costs.params)), zoo.log_params),
        1 - _place(float(np.log(costs.gflops)), zoo.log_gflops),
        _place(costs.fps, zoo.fps),
    )
    return {
        "IoU": iou,
        "Eff": efficiency,
        "U-Score": 100 * _harmonic_mean(accuracy, efficiency),
    }


def zoo_percentiles(ious: NDArray[np.float64], costs: NDArray[np.float64]) -> Zoo:
    """The percentiles of a zoo of networks.

    Args:
        ious: Mean IoU of each, `float64 [n]`.
        costs: Millions of parameters, GFLOPs and images a second of each, `float64 [n, 3]`.
    """
    table = np.c_[ious, costs]
    low, high = np.percentile(table, (10, 90), axis=0)
    for column in (1, 2):
        low[column], high[column] = np.log(low[column]), np.log(high[column])
    return Zoo(*[(float(a), float(b)) for a, b in zip(low, high, strict=True)])


def u_bench(dataset: str) -> Zoo:
    """The percentiles of U-Bench's 100 networks on one of its data sets, a key of `U_BENCH`."""
    return Zoo(
        U_BENCH[dataset], log_params=(0.39, 4.32), log_gflops=(0.88, 4.20), fps=(24.28, 121.63)
    )


def _place(value: float, ends: Range) -> float:
    """Where a value lies in a range, from 0 to 1."""
    low, high = ends
    return min(max((value - low) / max(high - low, 1e-12), 0.0), 1.0)


def _harmonic_mean(*values: float) -> float:
    return len(values) / sum(1 / max(one, FLOOR) for one in values)


# 10th and 90th percentiles of IoU as the calculator has them.
U_BENCH: Mapping[str, Range] = {
    "busi": (0.5837592, 0.7062627),
    "busbra": (0.77664876, 0.839330144),
    "tnscui": (0.664944187, 0.784390885),
    "isic": (0.81180614, 0.84177554),
    "skincancer": (0.7906120483830283, 0.8538840522323546),
    "kvasir": (0.75085247, 0.8428773),
    "robotool": (0.6940658864425706, 0.8462163286238785),
    "chasedb": (0.4657582467803476, 0.8117408180656985),
    "drive": (0.15081815, 0.6244703),
    "dsb": (0.84518087, 0.8814354),
    "glas": (0.63124824, 0.83085126),
    "monusac": (0.5333726221401941, 0.6691882627377632),
    "cell": (0.7750129177712127, 0.8449313275090908),
    "covid": (0.6272003645175361, 0.6967376585434479),
    "montgomery": (0.9157433067449976, 0.9587296),
    "dca": (0.5091263834701759, 0.6327484215070674),
    "acdc": (0.7268479093509606, 0.8477579210353294),
    "promise": (0.7816956737173072, 0.8686860589568378),
    "synapse": (0.548646052, 0.721961595),
    "cystoidfluid": (0.6349444722562034, 0.8339477863820954),
}
