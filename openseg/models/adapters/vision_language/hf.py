"""Image-text-to-text models as `transformers` runs them, on the run's device.

Decoding is greedy, so a question always gets the same reply. Of given choices the one wins that the
model finds likeliest as its whole reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import AutoModelForImageTextToText, AutoProcessor

from openseg.models.adapters.chunks import in_chunks
from openseg.models.adapters.vision_language.attention import picture_attention
from openseg.models.adapters.vision_language.prompts import (
    SHARING,
    Batch,
    Row,
    alike,
    prompt_rows,
    read_rows,
)
from openseg.models.adapters.vision_language.spending import Price, Spending
from openseg.models.pretrained import load_model
from openseg.models.protocols import Reply, VisualQuestion
from openseg.models.reply_errors import EmptyReplyError, ReplyError

ROWS_PER_CALL = 16
INSTRUCTIONS = "instructions"
"""How checkpoints want to be asked that say nothing of it."""


class TransformersVisionLanguage:
    """`VisionLanguage` over `transformers.AutoModelForImageTextToText`.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's processor, with its chat template.
        name: How messages name the checkpoint.

    Attributes:
        wording: What `wording` in the checkpoint's `config.json` says; instructions otherwise.
        spending: Counts of what was asked, at no cost.
    """

    def __init__(self, model: Any, processor: Any, name: str) -> None:
        self._model = model
        self._processor = processor
        self._name = name
        self.wording = str(getattr(model.config, "wording", INSTRUCTIONS))
        self.spending = Spending(Price())
        processor.tokenizer.padding_side = "left"
        # Greedy, whatever the checkpoint would do by default.
        self._generation = deepcopy(model.generation_config)
        self._generation.update(
            do_sample=False, num_beams=1, temperature=None, top_p=None, top_k=None, max_length=None
        )
        if self._generation.pad_token_id is None:
            self._generation.pad_token_id = processor.tokenizer.pad_token_id

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        return cls(
            load_model(AutoModelForImageTextToText, folder, device, dtype),
            AutoProcessor.from_pretrained(folder, local_files_only=True),
            str(folder),
        )

    @torch.inference_mode()
    def ask(self, questions: Sequence[VisualQuestion], max_tokens: int) -> list[Reply | ReplyError]:
        """Asks; see `openseg.models.protocols.VisionLanguage.ask`.

        Nothing holds the model to a schema.
        """
        rows = [prompt_rows(self._processor, at, one) for at, one in enumerate(questions)]
        replies: dict[int, Reply | ReplyError] = {}
        for group in self._groups([one[0] for one in rows if not one[0].ending]):
            replies |= dict(self._write(group, max_tokens))
        weights: dict[int, list[tuple[float, int, int]]] = {}
        for group in self._groups([row for one in rows for row in one if row.ending]):
            for number, weight in self._weigh(group):
                weights.setdefault(number, []).append(weight)
        for number, some in weights.items():
            replies[number] = _chosen(questions[number].choices, some)
        found = [replies[at] for at in range(len(questions))]
        for reply in found:
            self.spending.count(reply)
        return found

    @torch.inference_mode()
    def look(self, questions: Sequence[VisualQuestion], depth: float) -> list[Tensor]:
        """Reads attention; see `openseg.models.protocols.ReplyAttention.look`."""
        return [picture_attention(self._model, self._processor, one, depth) for one in questions]

    def _groups(self, rows: Sequence[Row]) -> list[list[Row]]:
        return alike(rows, self._model.config.model_type in SHARING)

    def _write(self, group: Sequence[Row], max_tokens: int) -> list[tuple[int, Reply | ReplyError]]:
        settings = deepcopy(self._generation)
        settings.max_new_tokens = max_tokens

        def run(part: slice) -> list[tuple[list[int], int]]:
            batch = read_rows(self._model, self._processor, group[part])
            made = self._model.generate(
                input_ids=batch.ids,
                attention_mask=batch.mask,
                past_key_values=batch.cache,
                generation_config=settings,
                **batch.extras,
            )[:, batch.ids.shape[1] :]
            return list(zip(made.tolist(), batch.mask.sum(1).tolist(), strict=True))

        found = [one for piece in in_chunks(len(group), ROWS_PER_CALL, run) for one in piece]
        return [
            (row.question, self._reply(ids, read))
            for row, (ids, read) in zip(group, found, strict=True)
        ]

    def _reply(self, ids: list[int], read: int) -> Reply | ReplyError:
        ends = self._generation.eos_token_id
        stops = set(ends if isinstance(ends, list) else [ends])
        end = next((at for at, token in enumerate(ids) if token in stops), None)
        said = ids if end is None else ids[:end]
        text = self._processor.tokenizer.decode(said, skip_special_tokens=True).strip()
        if not text:
            return EmptyReplyError(
                "the model's reply is empty", where=self._name, fix="ask in other words"
            )
        return Reply(text, end is not None, read, len(ids) if end is None else end + 1)

    def _weigh(self, group: Sequence[Row]) -> list[tuple[int, tuple[float, int, int]]]:
        """For each row the log-likelihood of its ending, and the tokens of prompt and ending."""

        def run(part: slice) -> list[tuple[float, int, int]]:
            return self._likelihoods(group[part])

        found = [one for piece in in_chunks(len(group), ROWS_PER_CALL, run) for one in piece]
        return [(row.question, one) for row, one in zip(group, found, strict=True)]

    def _likelihoods(self, rows: Sequence[Row]) -> list[tuple[float, int, int]]:
        tokenizer = self._processor.tokenizer
        counts = [len(tokenizer.encode(row.ending, add_special_tokens=False)) for row in rows]
        batch = read_rows(self._model, self._processor, rows)
        # Each token is foretold by the position before it.
        keep = max(counts) + 1
        logits = self._model(**_forward(batch), logits_to_keep=keep).logits.float()
        told = logits[:, :-1].log_softmax(-1).gather(2, batch.ids[:, 1 - keep :, None])[..., 0]
        return [
            (float(one[-count:].sum()), int(read) - count, count)
            for one, count, read in zip(told, counts, batch.mask.sum(1), strict=True)
        ]


def _forward(batch: Batch) -> dict[str, Any]:
    """The inputs of a single forward pass over a batch."""
    if batch.cache is None:
        return {"input_ids": batch.ids, "attention_mask": batch.mask, **batch.extras}
    past = batch.cache.get_seq_length()
    return {
        "input_ids": batch.ids[:, past:],
        "attention_mask": batch.mask,
        "position_ids": (batch.mask.cumsum(1) - 1)[:, past:].clamp(min=0),
        "past_key_values": batch.cache,
    }


def _chosen(choices: Sequence[str], weights: Sequence[tuple[float, int, int]]) -> Reply:
    likelihoods = torch.tensor([weight for weight, _, _ in weights])
    return Reply(
        choices[int(likelihoods.argmax())],
        True,
        sum(read for _, read, _ in weights),
        sum(count for _, _, count in weights),
        tuple(likelihoods.softmax(0).tolist()),
    )
