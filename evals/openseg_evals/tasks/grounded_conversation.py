"""A mask for each phrase of a caption, a JSON file an image, as GLaMM's evaluator reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from openseg.io.files import write_atomic
from openseg.io.rle import encode_masks
from openseg_evals.samples import EvalSample, Target
from openseg_evals.tasks.answer import Answer
from openseg_evals.tasks.task import as_rle


class PhraseFiles:
    """A folder of `<image_id>.json`; the best region of each phrase answers it.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def write(self, sample: EvalSample, answer: Answer | None) -> None:
        """Writes the file of an image, best answer first: the evaluator ranks by place."""
        best: dict[int, int] = {}
        if answer is not None:
            for row in answer.scores.argsort(descending=True, stable=True).tolist():
                best.setdefault(answer.classes[row], row)
            masks = encode_masks(answer.masks[list(best.values())])
        content = {
            "caption": "",
            "phrases": [sample.phrases[phrase] for phrase in best],
            "pred_masks": masks if best else [],
        }
        text = json.dumps(content, separators=(",", ":"))
        write_atomic(self.path / f"{sample.unit}.json", text.encode())

    def mark(self) -> int:
        """Nothing has to be kept in mind: an image has a file of its own."""
        return 0

    def back_to(self, mark: int) -> None:
        """Files of a broken-off window are written over."""

    def finish(self) -> None:
        """Nothing is left to do."""

    def regions(self, sample: EvalSample) -> list[Target]:
        """The masks of an image's file."""
        content = json.loads((self.path / f"{sample.unit}.json").read_text("utf-8"))
        pairs = zip(content["phrases"], content["pred_masks"], strict=True)
        return [Target(sample.phrases.index(phrase), as_rle(mask)) for phrase, mask in pairs]


def open_predictions(folder: Path, _options: Mapping[str, str]) -> PhraseFiles:
    """Files under `images/`."""
    return PhraseFiles(folder / "images")
