"""Begin a run with the weights of an earlier one, wherever a tensor of that name and shape is.

Rows of a token embedding belong to words: they are found again by the tokenizers' vocabularies,
and words that are new keep their random start.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from openseg.types.errors import UserError


def warm_start(
    model: nn.Module, folder: Path, vocabulary: Mapping[str, int] | None = None
) -> dict[str, Tensor]:
    """Copy what fits from a folder of weights into a model.

    Args:
        model: a model of `transformers`, changed in place.
        folder: holds ``model.safetensors``, and ``tokenizer.json`` where there is a vocabulary.
        vocabulary: the model's own map from token to row of its token embedding.

    Returns:
        The model's tensors that had nothing to start from, by name.

    Raises:
        UserError: the folder holds no weights.
    """
    file = folder / "model.safetensors"
    if not file.exists():
        raise UserError(
            "no model.safetensors to start from", where=str(folder), fix="name another --start"
        )
    # The class itself knows the names that its tensors have had in files.
    source: Any = type(model)
    given = source.from_pretrained(folder, dtype=torch.float32).state_dict()
    fresh = {}
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            old = given.get(name)
            if old is None:
                fresh[name] = tensor
            elif vocabulary is not None and name.endswith(_TOKENS):
                _copy_rows(old, tensor, _vocabulary(folder), vocabulary)
            elif old.shape == tensor.shape:
                tensor.copy_(old)
            else:
                fresh[name] = tensor
    return fresh


_TOKENS = ("word_embeddings.weight", "token_embedding.weight", "embed_tokens.weight")


def _copy_rows(
    old: Tensor, new: Tensor, rows: Mapping[str, int], vocabulary: Mapping[str, int]
) -> None:
    """Copy the rows of the words that both vocabularies have."""
    for token, row in vocabulary.items():
        if token in rows and not token.startswith("[unused"):
            new[row] = old[rows[token]]


def _vocabulary(folder: Path) -> dict[str, int]:
    described: dict[str, Any] = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    found: dict[str, int] = dict(described["model"]["vocab"])
    return found | {token["content"]: token["id"] for token in described["added_tokens"]}
