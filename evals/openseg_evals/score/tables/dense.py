"""Rows of metrics for label maps, segments and single masks."""

from openseg_evals.score.tables.metric import Convention, Metric


def _missing(instead: str) -> Convention:
    about = f"an image without prediction: refuse, or count {instead}"
    return Convention("error", about, ("error", "empty"))


ROWS: dict[str, Metric] = {
    "boundary": Metric(
        module="openseg_evals.score.boundary",
        summary="IoU and boundary IoU of pairs of masks, averaged",
        gt="folder of PNG masks, not 0 = object",
        pred="folder of PNG masks of the same names and sizes",
        conventions={"missing": _missing("an empty mask")},
    ),
    "boundary_panoptic": Metric(
        module="openseg_evals.score.panoptic:tally_boundary",
        summary="boundary PQ, SQ, RQ",
        gt="COCO panoptic JSON with its PNG folder of the same name",
        pred="COCO panoptic JSON with its PNG folder of the same name",
        conventions={"missing": _missing("no segment")},
    ),
    "panoptic": Metric(
        module="openseg_evals.score.panoptic",
        summary="PQ, SQ, RQ over all categories, things, stuff",
        gt="COCO panoptic JSON with its PNG folder of the same name",
        pred="COCO panoptic JSON with its PNG folder of the same name",
        conventions={"missing": _missing("no segment")},
    ),
    "semantic": Metric(
        module="openseg_evals.score.semantic",
        summary="semantic segmentation: mIoU, mAcc, aAcc/pACC, fwIoU",
        gt="folder of PNG label maps",
        pred="folder of PNG label maps of the same names and sizes",
        conventions={
            "classes": Convention("", "number of classes, as in 150 for ADE20K"),
            "average": Convention(
                "detectron2",
                "whose rules: classes with truth, with truth or prediction, all",
                ("detectron2", "mmseg", "sceneparsing"),
            ),
            "zero": Convention(
                "class", "label 0: the first class, or unlabelled (ADE20K)", ("class", "unlabelled")
            ),
            "ignore": Convention("255", "label that does not count"),
            "boundary": Convention(
                "false", "also detectron2's boundary IoU of each class", ("false", "true")
            ),
            "missing": _missing("no class anywhere"),
        },
    ),
}
