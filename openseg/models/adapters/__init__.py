"""Adapters: one file a model family, each fulfilling a task protocol of `openseg.models.protocols`.

How an adapter is made
- A class named in `openseg/models/catalogue.yaml` as `adapter: module:Class`. The store imports the
  module only when a method needs the family, so adapters import torch and transformers at the top.
  Stages never import an adapter; adapters never import each other. A family that needs several
  files has a folder.
- `Adapter.load(folder, device, dtype)` is its only constructor for the outside. The folder is
  local and already checked: it holds at least one `.safetensors` file. Read weights with
  `openseg.models.pretrained.load_model` (transformers classes) or `read_tensors` + `assign`
  (anything else): they refuse missing keys by name, put the model in eval mode without gradients.
- Preprocessing is read from the same folder (`processor_config.json`, `preprocessor_config.json`,
  tokenizer files); nothing of it is written in code.
- Methods that run the network are decorated with `@torch.inference_mode()`. Tensors that come out
  are float32 on `device`, whatever `dtype` the network computes in.
- An image is encoded once: keep an `openseg.models.image_memo.ImageMemo` and ask it for features.
- Batch = loop: do not pad images of different sizes together where the network would see it; group
  by size and run each group.
- Zero images, zero prompts and zero crops are normal inputs and give zero rows.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    import torch


class Adapter(Protocol):
    """What the store needs of an adapter class, besides the task protocols it fulfils."""

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint.

        Args:
            folder: The checkpoint, with its preprocessing, on this machine.
            device: Where the network lies; every tensor given out lies there too.
            dtype: What the network computes in.

        Raises:
            openseg.types.errors.MissingWeightsError: If the files do not fit the architecture.
        """
        ...
