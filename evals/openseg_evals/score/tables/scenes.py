"""Rows of metrics for 3D scenes."""

from openseg_evals.score.tables.metric import Convention, Metric

_BY_CLASS = Convention("true", "false: masks match whatever their category", ("true", "false"))
_SCENES = Convention(
    "error",
    "a scene without prediction: refuse, count nothing found, or leave out (the official script)",
    ("error", "empty", "skip"),
)

ROWS: dict[str, Metric] = {
    "scannet_instances": Metric(
        module="openseg_evals.score.scannet",
        summary="ScanNet, ScanNet200, Replica 3D instances: AP, AP50, AP25, head/common/tail",
        gt="folder of <scene>.txt, label * 1000 + instance a vertex",
        pred="folder of <scene>.txt with lines: relative/mask.txt label_id confidence",
        conventions={
            "labels": Convention(
                "scannet", "which benchmark's classes", ("scannet", "scannet200", "replica")
            ),
            "by_class": _BY_CLASS,
            "missing": _SCENES,
        },
    ),
    "scannet_semantics": Metric(
        module="openseg_evals.score.scannet:tally_semantics",
        summary="ScanNet, ScanNet200 3D semantics: mIoU, mAcc, F-mIoU",
        gt="folder of <scene>.txt, a label a vertex",
        pred="folder of <scene>.txt, a label a vertex",
        conventions={
            "labels": Convention(
                "scannet", "which benchmark's classes", ("scannet", "scannet200", "replica")
            ),
            "average": Convention(
                "scannet",
                "whose rules on which classes to average and on points without prediction",
                ("scannet", "truth", "openscene", "conceptgraphs"),
            ),
            "missing": _SCENES,
        },
    ),
    "scanrefer": Metric(
        module="openseg_evals.score.scanrefer",
        summary="ScanRefer: Acc@0.25 and Acc@0.5 by IoU of boxes, overall, unique, multiple",
        gt="JSON list (or lines) of {scene_id, object_id, ann_id, class, bbox: 8 corners}",
        pred="JSON list (or lines) of {scene_id, object_id, ann_id, bbox: 8 corners or null}",
        conventions={
            "missing": Convention(
                "error",
                "a sentence without prediction: refuse, count nothing found, or leave out",
                ("error", "empty", "skip"),
            )
        },
    ),
}
