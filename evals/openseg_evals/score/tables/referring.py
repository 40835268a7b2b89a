"""Rows of metrics for masks of sentences."""

from openseg_evals.score.tables.metric import Convention, Metric

_SPLIT = Convention("all", "which split of the refs file")
_BY = Convention("", "which refs file of a folder: unc, umd, google; needed only if several")
_MISSING = Convention(
    "error",
    "a sentence without prediction: refuse, count an empty mask, or leave out (Zero-shot-RIS)",
    ("error", "empty", "skip"),
)
_REFS = "folder with refs(<by>).p and instances.json, or the refs file"
_SENTENCES = "JSON lines (or list) of {ref_id, sent_id, segmentation: RLE or null}"

ROWS: dict[str, Metric] = {
    "generalized_referring": Metric(
        module="openseg_evals.score.generalized_referring",
        summary="gRefCOCO: gIoU, cIoU, N_acc, T_acc, Pr@0.7..0.9",
        gt="folder with grefs(unc).json or .p and instances.json, or the grefs file",
        pred="as for referring, with no_target: true or false in each entry",
        conventions={
            "split": _SPLIT,
            "by": _BY,
            "missing": _MISSING,
            "no_target": Convention(
                "declared", "from the field no_target, or an empty mask", ("declared", "empty")
            ),
        },
    ),
    "grounded_conversation": Metric(
        module="openseg_evals.score.grandf",
        summary="GranD-f: AP50, mIoU, recall of a caption's masks (not METEOR and CIDEr)",
        gt="folder of <split>_gcg_coco_mask_gt.json and <split>_gcg_coco_caption_gt.json",
        pred="folder of <image_id>.json with phrases and pred_masks, mask k of phrase k",
        conventions={
            "split": Convention("", "val or test; needed only if the folder holds both"),
            "text": Convention(
                "exact",
                "phrases agree if equal, or, with the folder of a BERT checkpoint, by cosine "
                "(the published numbers: bert-base-uncased)",
            ),
            "missing": Convention(
                "error",
                "an image without prediction: refuse, or count nothing found",
                ("error", "empty"),
            ),
        },
    ),
    "reasoning": Metric(
        module="openseg_evals.score.reasoning",
        summary="ReasonSeg: gIoU, cIoU as LISA prints them",
        gt="folder of <name>.json (shapes, text, is_sentence) with <name>.jpg",
        pred="JSON lines (or list) of {image: name, segmentation: RLE or null}",
        conventions={
            "missing": Convention(
                "error",
                "an image without prediction: refuse, or count an empty mask",
                ("error", "empty"),
            )
        },
    ),
    "referring": Metric(
        module="openseg_evals.score.referring",
        summary="RefCOCO, RefCOCO+, RefCOCOg: oIoU, mIoU, P@0.5..0.9",
        gt=_REFS,
        pred=_SENTENCES,
        conventions={
            "truth": Convention(
                "single",
                "pixels in exactly one polygon (published tables) or in any (the whole object)",
                ("single", "union"),
            ),
            "style": Convention(
                "lavt", "oIoU, mIoU, P@t in percent, or LISA's gIoU, cIoU", ("lavt", "lisa")
            ),
            "split": _SPLIT,
            "by": _BY,
            "missing": _MISSING,
        },
    ),
}
