"""Rows of metrics for one mask or label volume a case."""

from openseg_evals.score.tables.metric import Convention, Metric


def _missing(case: str) -> Convention:
    about = f"{case} without prediction: refuse, or count an empty mask"
    return Convention("error", about, ("error", "empty"))


ROWS: dict[str, Metric] = {
    "hce": Metric(
        module="openseg_evals.score.single_masks:tally_hce",
        summary="DIS5K human correction effort: clicks to repair a mask; lower is better",
        gt="folder of PNG masks, above 128 = object",
        pred="folder of PNG masks of the same names and sizes",
        higher_is_better=False,
        conventions={"missing": _missing("an image")},
    ),
    "medical": Metric(
        module="openseg_evals.score.medical",
        summary="medical volumes: Dice, HD95 in mm, NSD (surface Dice), by label",
        gt="folder of label volumes: .nii, .nii.gz, .npz (gts, spacing), .npy, .png",
        pred="folder of label volumes of the same names and sizes (.npz: segs)",
        conventions={
            "hd95": Convention(
                "medpy",
                "distances of both directions pooled, the larger percentile, or weighed by area",
                ("medpy", "monai", "surface_distance"),
            ),
            "nsd": Convention(
                "surface_distance",
                "share of the surface's area, or of border voxels",
                ("surface_distance", "monai"),
            ),
            "tolerance": Convention("1", "mm that NSD forgives; SAT 1, MedSAM 2"),
            "empty": Convention(
                "surface_distance",
                "both masks empty: undefined (also nnU-Net); undefined, and Dice also if only the "
                "truth is (MONAI); 1 (SAT). One empty: 0. HD95: always undefined",
                ("surface_distance", "monai", "sat"),
            ),
            "spacing": Convention("", "mm along each axis of the arrays; from the file by default"),
            "labels": Convention(
                "truth", "all that the truth holds, any (not 0 = object), or a list as 1,2,5"
            ),
            "average": Convention(
                "classes",
                "a label's mean over cases first (SAT, nnU-Net), or a case's over labels (MedSAM)",
                ("classes", "cases"),
            ),
            "missing": _missing("a case"),
        },
    ),
    "uscore": Metric(
        module="openseg_evals.score.single_masks:tally_u_score",
        summary="U-Bench's U-Score: IoU and efficiency of a network between those of a zoo",
        gt="folder of PNG masks, not 0 = object",
        pred="folder of PNG masks of the same names and sizes",
        conventions={
            "zoo": Convention(
                "",
                "a data set of U-Bench, as busi, whose published percentiles count, or JSON lines "
                "(or list) of {iou, params, gflops, fps}, a network each",
            ),
            "params": Convention("", "parameters of the network, millions"),
            "gflops": Convention("", "its GFLOPs for one image"),
            "fps": Convention("", "its images a second"),
            "missing": _missing("an image"),
        },
    ),
}
