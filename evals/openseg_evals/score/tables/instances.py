"""Rows of metrics for scored instances and points."""

from openseg_evals.score.tables.metric import Convention, Metric

_COCO_TRUTH = "COCO instances JSON"
_COCO_RESULTS = (
    "COCO results: JSON list (or lines) of {image_id, category_id, segmentation: RLE, score}"
)
_BY_CLASS = Convention("true", "false: masks match whatever their category", ("true", "false"))

ROWS: dict[str, Metric] = {
    "bop_instances": Metric(
        module="openseg_evals.score.bop",
        summary="BOP: segmentation AP and AR, barely visible objects ignored",
        gt="the data set's folder: test_targets_*.json, <split>/<scene>/scene_gt_coco.json",
        pred="<method>_<dataset>-<split>.json (or .json.gz), BOP's extended COCO results",
        conventions={
            "split": Convention("", "as in the folder's name; by default as in the file's name"),
            "targets": Convention("test_targets_bop19.json", "which list of target images"),
        },
    ),
    "boundary_instances": Metric(
        module="openseg_evals.score.coco_instances:tally_boundary",
        summary="boundary AP: COCO AP with min(mask IoU, boundary IoU)",
        gt=_COCO_TRUTH,
        pred=_COCO_RESULTS,
        conventions={"by_class": _BY_CLASS},
    ),
    "cgf1": Metric(
        module="openseg_evals.score.saco",
        summary="SA-Co: cgF1, IL_MCC, pmF1 of masks, against the best of several annotators",
        gt="an annotator's JSON, or the folder of all annotators' JSON files of a subset",
        pred="COCO results JSON list (or lines), image_id being the id of the pair",
        conventions={
            "subset": Convention("", "part of the file names in a folder of several subsets")
        },
    ),
    "coco_instances": Metric(
        module="openseg_evals.score.coco_instances",
        summary="COCO mask AP and AR",
        gt=_COCO_TRUTH,
        pred=_COCO_RESULTS,
        conventions={"by_class": _BY_CLASS},
    ),
    "lvis": Metric(
        module="openseg_evals.score.coco_instances:tally_lvis",
        summary="LVIS mask AP, by size and by frequency",
        gt="LVIS v1 JSON",
        pred=_COCO_RESULTS,
    ),
    "pointing_game": Metric(
        module="openseg_evals.score.pointing_game",
        summary="pointing game: accuracy within 15 pixels, and the chance of a random point",
        gt=_COCO_TRUTH,
        pred="JSON list (or lines) of {image_id, category_id, point: [x, y]}",
        conventions={
            "tolerance": Convention("15", "pixels around the object that still count"),
            "missing": Convention(
                "error",
                "a category of an image without point: refuse, or count it wrong",
                ("error", "empty"),
            ),
        },
    ),
}
