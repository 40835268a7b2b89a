"""What the mini OneFormer reads: the sentence that names the task, and those of what is shown.

Jain et al., CVPR 2023, arXiv:2211.06220: "the task is ..." goes into the network, and in training
a list of sentences about the picture, filled up with one about the task, into its text encoder.
"""

from __future__ import annotations

import string
from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import CLIPTokenizer

from openseg.mini.recipes.mask2former.classes import KNOWN
from openseg.models.tasks.universal import Task

SENTENCES = 36
"""Sentences about a picture: one a query that is not a learned one."""
LENGTH = 40
"""Most tokens of a sentence: a letter is one."""


def build_tokenizer() -> CLIPTokenizer:
    """CLIP's tokenizer with a token a letter; the end has the highest id, as the encoder expects.

    The network reads the ids of the task's sentence as numbers: small ones that differ in many
    places tell the three words apart, in half precision, too.
    """
    letters = [*string.ascii_lowercase]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: place for place, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=LENGTH)


def token_ids(sentences: Sequence[str], tokenizer: CLIPTokenizer) -> Tensor:
    """Token ids with zeros behind the end, int64 [n, 40]."""
    rows = torch.zeros(len(sentences), LENGTH, dtype=torch.int64)
    for row, ids in zip(rows, tokenizer(list(sentences))["input_ids"], strict=True):
        row[: len(ids)] = torch.tensor(ids)
    return rows


def sentences_about(task: Task, classes: Sequence[int]) -> list[str]:
    """One sentence a segment in the order of the classes, then one about the task again and again.

    Args:
        task: The task.
        classes: The class of each segment.
    """
    said = [f"a photo with a {KNOWN[name]}" for name in sorted(classes)][:SENTENCES]
    return said + [f"a {task} photo"] * (SENTENCES - len(said))
