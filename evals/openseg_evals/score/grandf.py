"""Scores GranD-f from its official files: AP50, mIoU and recall of the masks of a caption.

The captions' own scores (METEOR, CIDEr) are not computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.files import sample
from openseg_evals.formats.grandf import (
    CATEGORY,
    GrandfPrediction,
    GrandfTruth,
    find_split,
    read_grandf,
    read_prediction,
)
from openseg_evals.metrics.grounded_conversation import (
    GroundedTally,
    Grounding,
    count_found,
    mean_pair_iou,
)

if TYPE_CHECKING:
    from torch import Tensor

_MOST_TOKENS = 512
_VOCABULARIES = ("tokenizer.json", "vocab.txt")
_UNUSED = (r"^pooler\.",)  # keys that may be missing


class TextSimilarity(Protocol):
    """Compares phrases."""

    def __call__(self, truths: Sequence[str], guesses: Sequence[str]) -> NDArray[np.float64]:
        """Similarity of each pair, `float64 [truths, guesses]`, 1 for the same."""


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> GroundedTally:
    """Matches masks and phrases for GranD-f; a unit is an image, its score its own mIoU.

    Args:
        gt: Folder of `<split>_gcg_coco_mask_gt.json` and `<split>_gcg_coco_caption_gt.json`, or
            the first of them.
        pred: Folder of `<image_id>.json`; files of other images are not read.
        options: `split`, `missing`, and `text`: `exact`, or the folder of a BERT checkpoint.

    Returns:
        The counts, images in order of their ids; scores are the official names.

    Raises:
        InputError: If a file is missing or broken, or they do not fit together.
    """
    truth = read_grandf(*find_split(gt, options["split"]))
    predictions = _read_predictions(truth, pred, options["missing"])
    similarity = exact if options["text"] == "exact" else load_bert(Path(options["text"]))
    ious = np.full(len(truth.images), np.nan)
    found, phrases = np.zeros((2, len(truth.images)), dtype=np.int64)
    results: list[dict[str, Any]] = []
    for place, guess in predictions.items():
        image = truth.images[place]
        table = _ious(guess.masks, image.masks)
        ious[place] = mean_pair_iou(table)
        phrases[place] = len(image.phrases)
        found[place] = count_found(table.T, similarity(image.phrases, guess.phrases))
        one = {"image_id": place, "category_id": CATEGORY, "score": 1.0}
        results += [{**one, "segmentation": mask} for mask in guess.masks]
    names = [image.name for image in truth.images]
    return GroundedTally(truth.coco, results, names, Grounding(ious, found, phrases))


def exact(truths: Sequence[str], guesses: Sequence[str]) -> NDArray[np.float64]:
    """1 where phrases are the same but for case and spaces, else 0, `float64 [truths, guesses]`."""
    ours, theirs = (
        np.array([" ".join(one.casefold().split()) for one in texts], dtype=np.str_)
        for texts in (truths, guesses)
    )
    return np.asarray(ours[:, None] == theirs[None], dtype=np.float64)


def load_bert(folder: Path) -> TextSimilarity:
    """The official similarity: cosine of the means of a BERT's last hidden states.

    Args:
        folder: A checkpoint with its tokenizer; the published numbers are of bert-base-uncased.

    Returns:
        The similarity; each text is read once.

    Raises:
        InputError: If there is no such folder, or no tokenizer in it.
        MissingWeightsError: If its weights cannot be read as a BERT's.
    """
    import torch
    from transformers import AutoTokenizer, BertModel

    from openseg.models.pretrained import load_model

    if not folder.is_dir():
        fix = "choose --set text=exact, or the folder of a checkpoint of bert-base-uncased"
        raise InputError("no such folder", where=str(folder), fix=fix)
    model = load_model(BertModel, folder, torch.device("cpu"), torch.float32, _UNUSED)
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        # Without one, transformers makes a tokenizer that knows no word, and says nothing.
        fix = f"put the checkpoint's {' or '.join(_VOCABULARIES)} there"
        raise InputError("has no tokenizer", where=str(folder), fix=fix)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)

    @cache
    def embed(text: str) -> Tensor:
        tokens = tokenizer(text, return_tensors="pt", max_length=_MOST_TOKENS, truncation=True)
        states: Tensor = model(**tokens).last_hidden_state[0]
        return torch.nn.functional.normalize(states.mean(dim=0), dim=0)

    def similarity(truths: Sequence[str], guesses: Sequence[str]) -> NDArray[np.float64]:
        table = [[float(embed(one) @ embed(other)) for other in guesses] for one in truths]
        return np.array(table, dtype=np.float64).reshape(len(truths), len(guesses))

    return similarity


def _read_predictions(
    truth: GrandfTruth, folder: Path, missing: str
) -> dict[int, GrandfPrediction]:
    """Predictions by place of the image, for those that have a caption."""
    wanted = {place: image for place, image in enumerate(truth.images) if image.captioned}
    files = {place: folder / f"{image.name}.json" for place, image in wanted.items()}
    lost = [file.name for file in files.values() if not file.is_file()]
    if lost and missing == "error":
        what = f"{len(lost)} of {len(files)} predictions are missing: {sample(lost)}"
        fix = "write <image_id>.json for every image, or choose --set missing=empty"
        raise InputError(what, where=str(folder), fix=fix)
    return {
        place: read_prediction(file, wanted[place].size)
        if file.is_file()
        else GrandfPrediction([], [])
        for place, file in files.items()
    }


def _ious(guesses: Sequence[rle.RLE], truths: Sequence[rle.RLE]) -> NDArray[np.float64]:
    """IoU of each pair, `float64 [guesses, truths]`, NaN for two masks without a pixel."""
    pixels = np.array(
        [[rle.overlap(guess, truth) for truth in truths] for guess in guesses], dtype=np.float64
    ).reshape(len(guesses), len(truths), 2)
    with np.errstate(invalid="ignore"):
        ious: NDArray[np.float64] = pixels[..., 0] / pixels[..., 1]
    return ious
