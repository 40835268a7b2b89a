"""A folder of pictures as an archive, with an embedded vector index: faiss, exact inner products.

The index belongs to an encoder and is made when it is first asked for. That of a large archive is
kept in the user's cache folder, under the content of the pictures and of what the encoder says.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from weakref import WeakKeyDictionary

import faiss
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from openseg.models.protocols import ImageTextEncoder
from openseg.types import Image
from openseg.types.errors import InputError, MissingWeightsError
from openseg.types.scenes.frame_files import file_digest, read_color

EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp")
PICTURES_PER_CALL = 64
RECENT = 512
"""Decoded pictures that are kept: one shows what many words name."""
LEAST_KEPT = 1000
"""Pictures from which on embeddings are kept on disk; those of fewer are made in seconds."""


class FolderArchive:
    """`ImageArchive` over the pictures directly in a folder, in the order of their names.

    Pictures are read as they are stored: EXIF orientation is left alone.

    Args:
        files: The pictures.
        device: Where pictures and answers lie.
    """

    def __init__(self, files: Sequence[Path], device: torch.device) -> None:
        self._files = tuple(str(file) for file in files)
        self._device = device
        self._read = lru_cache(RECENT)(self._decode)
        self._indices: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:  # noqa: ARG003
        """Lists a folder; see `openseg.models.adapters.Adapter.load`.

        Raises:
            MissingWeightsError: If there is no picture in it.
        """
        files = sorted(one for one in folder.iterdir() if one.suffix in EXTENSIONS)
        if not files:
            raise MissingWeightsError(
                "the archive is empty",
                where=str(folder),
                fix=f"put pictures into it ({', '.join(EXTENSIONS)})",
            )
        return cls(files, device)

    def __len__(self) -> int:
        return len(self._files)

    def read(self, rows: Sequence[int]) -> list[Image]:
        """Reads pictures; see `openseg.models.tasks.archive.ImageArchive.read`."""
        return [self._read(row) for row in rows]

    def nearest(self, vectors: Tensor, count: int, encoder: ImageTextEncoder) -> Tensor:
        """Looks pictures up; see `openseg.models.tasks.archive.ImageArchive.nearest`."""
        if encoder not in self._indices:
            kept = self._embeddings(encoder)
            index = faiss.IndexFlatIP(kept.shape[1])
            index.add(kept.numpy())
            self._indices[encoder] = index
        index = self._indices[encoder]
        if vectors.shape[1] != index.d:
            raise InputError(
                f"vectors of length {vectors.shape[1]} cannot be looked up in an archive embedded "
                f"with length {index.d}",
                fix="embed words and pictures with one model",
            )
        _, rows = index.search(vectors.float().cpu().numpy(), min(count, len(self)))
        return torch.from_numpy(rows).to(vectors.device)

    def _decode(self, row: int) -> Image:
        pixels, digest = read_color(self._files[row])
        return Image(pixels.to(self._device), digest, self._files[row])

    def _embeddings(self, encoder: ImageTextEncoder) -> Tensor:
        """float32 `[n, d]`, unit length, on the CPU."""
        if len(self) < LEAST_KEPT:
            return self._embed(encoder)
        file = _cache_folder() / f"{self._key(encoder)}.safetensors"
        try:
            kept: Tensor = load_file(file)["embeddings"]
        except (OSError, SafetensorError, KeyError):
            kept = self._embed(encoder)
            _keep(file, kept)
        return kept

    def _embed(self, encoder: ImageTextEncoder) -> Tensor:
        places = range(len(self))
        parts = [
            encoder.encode_images(
                [one.pixels for one in self.read(places[start : start + PICTURES_PER_CALL])]
            ).cpu()
            for start in range(0, len(self), PICTURES_PER_CALL)
        ]
        return torch.cat(parts).contiguous()

    def _key(self, encoder: ImageTextEncoder) -> str:
        """Content of the pictures, and what the encoder says of the first: which encoder it is."""
        first = encoder.encode_images([self.read([0])[0].pixels]).cpu()
        state = hashlib.sha256(first.contiguous().numpy().data)
        for file in self._files:
            state.update(file_digest(file).encode())
        return state.hexdigest()


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "openseg-archives"


def _keep(file: Path, vectors: Tensor) -> None:
    """Writes in one step; a full or read-only disk costs time in the next run, nothing else."""
    draft = file.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file({"embeddings": vectors}, draft)
        draft.replace(file)
    except (OSError, SafetensorError):
        with contextlib.suppress(OSError):
            draft.unlink()
