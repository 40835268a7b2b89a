"""OneFormer as `transformers` runs it: one network for three tasks, told which by a sentence.

Jain et al., "OneFormer: One Transformer to Rule Universal Image Segmentation", CVPR 2023,
arXiv:2211.06220.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, get_args

import torch
from torch import Tensor
from transformers import (
    CLIPTokenizer,
    OneFormerForUniversalSegmentation,
    OneFormerImageProcessor,
)

from openseg.models.adapters.mask_queries.queries import (
    Queries,
    class_names,
    proposals,
    read_queries,
)
from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import load_model
from openseg.models.tasks.proposals import MaskProposals
from openseg.models.tasks.universal import MaskQueries, Task
from openseg.types import Image
from openseg.types.errors import MissingWeightsError


class OneFormer:
    """`UniversalSegmenter` over `transformers.OneFormerForUniversalSegmentation`.

    It is a `MaskProposer`, too: with its panoptic task.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
        tokenizer: The checkpoint's tokenizer.
        things: For each class whether its members are counted.
    """

    def __init__(
        self, model: Any, processor: Any, tokenizer: Any, things: tuple[bool, ...]
    ) -> None:
        self._model = model
        self._processor = processor
        self._words = {task: _token_ids(task, tokenizer, model) for task in get_args(Task)}
        self.class_names = class_names(model.config)
        self.things = things
        self._memos: dict[str, ImageMemo[Queries]] = {task: ImageMemo() for task in self._words}

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`.

        Raises:
            openseg.types.errors.MissingWeightsError: If the files do not fit, or do not say which
                classes are things.
        """
        # Its loss, and a layer of Swin that is not used, where a checkpoint left them out.
        harmless = (r"^criterion\.", r"swin\.layernorm\.")
        model = load_model(OneFormerForUniversalSegmentation, folder, device, dtype, harmless)
        network: Any = model.model
        network.is_training = False  # a checkpoint of a training would ask for texts
        # The processor would look for the file of classes on the Hub, and needs it for losses only.
        processor = OneFormerImageProcessor.from_pretrained(
            folder, local_files_only=True, class_info_file=None
        )
        tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        return cls(model, processor, tokenizer, _things(folder, model.config.num_labels))

    @torch.inference_mode()
    def queries(self, images: Sequence[Image], task: Task) -> list[MaskQueries]:
        """Runs a task; see `openseg.models.tasks.universal.UniversalSegmenter.queries`."""
        return [MaskQueries(*one) for one in self._queries(images, task)]

    @torch.inference_mode()
    def propose(self, images: Sequence[Image]) -> list[MaskProposals]:
        """Proposes masks; see `openseg.models.tasks.proposals.MaskProposer.propose`."""
        found = self._queries(images, "panoptic")
        return [proposals(one, image.size) for image, one in zip(images, found, strict=True)]

    def _queries(self, images: Sequence[Image], task: Task) -> list[Queries]:
        return self._memos[task].features(
            images,
            lambda some: read_queries(some, self._processor, partial(self._forward, task)),
        )

    def _forward(self, task: Task, pixels: Tensor) -> Any:
        values = pixels.to(self._model.device, self._model.dtype)
        words = self._words[task].expand(len(values), -1)
        return self._model(values, words, output_auxiliary_logits=False)


def _token_ids(task: str, tokenizer: Any, model: Any) -> Tensor:
    """The sentence that names a task as token ids, int64 `[1, t]`, with zeros behind its end.

    The network reads the ids themselves as numbers, so what fills the row up matters: the authors'
    program has zeros there, whatever the tokenizer pads with.
    """
    row = torch.zeros(1, model.config.task_seq_len, dtype=torch.int64)
    ids = tokenizer(f"the task is {task}", truncation=True, max_length=row.shape[1])["input_ids"]
    row[0, : len(ids)] = torch.tensor(ids)
    return row.to(model.device)


def _things(folder: Path, count: int) -> tuple[bool, ...]:
    """Reads which classes are things: from the file of classes, else from the preprocessing."""
    said = _preprocessing(folder)
    file = folder / Path(said.get("class_info_file") or "class_info.json").name
    if file.is_file():
        classes = json.loads(file.read_text("utf-8"))
        things = {int(place) for place, one in classes.items() if one["isthing"]}
    elif "metadata" in said:
        things = set(said["metadata"]["thing_ids"])
    else:
        raise MissingWeightsError(
            "the checkpoint does not say which of its classes are things",
            where=str(folder),
            fix=f"put its '{file.name}' there, the 'class_info_file' of its preprocessing",
        )
    return tuple(place in things for place in range(count))


def _preprocessing(folder: Path) -> dict[str, Any]:
    for name in ("processor_config.json", "preprocessor_config.json"):
        if (folder / name).is_file():
            said: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
            return dict(said.get("image_processor", said))
    return {}
