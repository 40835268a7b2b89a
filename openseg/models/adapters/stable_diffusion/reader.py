"""Stable Diffusion read instead of sampled: add noise to an image's latents, denoise, and look.

`CrossAttention`: the maps of its layers. `DiffusionFeatures`: what its up-sampling blocks give.
`ConceptInversion`: what the words of a text must mean for the image to be denoised best.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from openseg.models.adapters.chunks import in_chunks
from openseg.models.adapters.stable_diffusion.capture import by_stride, recorded, watched
from openseg.models.adapters.stable_diffusion.denoiser import Denoiser
from openseg.models.adapters.stable_diffusion.inversion import fit
from openseg.models.adapters.stable_diffusion.parts import Parts
from openseg.models.adapters.stable_diffusion.spans import Spelling, spell, tokens_of
from openseg.models.image_memo import ImageMemo
from openseg.models.protocols import AttentionReading, TokenAttention
from openseg.models.tasks.diffusion import FeatureReading, Fitting, OpenText
from openseg.types import Concept, Image
from openseg.types.errors import InputError

PAIRS_PER_CALL = 8
"""Pairs of an image and a text in one pass of the UNet."""


class StableDiffusion(Denoiser):
    """Reads a UNet of `diffusers`.

    `states`, `denoise` and `look` take and give tensors that gradients flow through; `attend` and
    `features` need no gradients.

    Args:
        parts: The networks, in eval mode.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._features: dict[FeatureReading, ImageMemo[tuple[Tensor, ...]]] = {}

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        return cls(Parts.load(folder, device, dtype))

    @torch.no_grad()
    def attend(
        self,
        images: Sequence[Image],
        texts: Sequence[Sequence[str | Concept]],
        reading: AttentionReading,
    ) -> list[list[TokenAttention]]:
        """Reads attention; see `openseg.models.protocols.CrossAttention.attend`."""
        pairs = [(i, text) for i, some in enumerate(texts) for text in some]
        spelled = {text: self._spell(text) for _, text in pairs}
        self.latents([image for image, some in zip(images, texts, strict=True) if some])
        states = dict(zip(spelled, self._states(spelled), strict=True))

        def run(part: slice) -> list[Tensor]:
            latents = self.latents([images[i] for i, _ in pairs[part]])
            words = torch.stack([states[text] for _, text in pairs[part]])
            return list(self.look(latents, words, reading))

        found = chain.from_iterable(in_chunks(len(pairs), PAIRS_PER_CALL, run))
        results: list[list[TokenAttention]] = [[] for _ in images]
        for (i, text), maps in zip(pairs, found, strict=True):
            results[i].append(TokenAttention(maps, spelled[text].spans))
        return results

    def invert(
        self, images: Sequence[Image], texts: Sequence[Sequence[OpenText]], fitting: Fitting
    ) -> list[list[Concept]]:
        """Fits words; see `openseg.models.tasks.diffusion.ConceptInversion.invert`."""
        pairs = [(i, text) for i, some in enumerate(texts) for text in some]
        results: list[list[Concept]] = [[] for _ in images]
        spelled = [self._spell(text.text) for _, text in pairs]
        places = [
            sorted({at for word in text.words for at in tokens_of(one.spans, word)})
            for (_, text), one in zip(pairs, spelled, strict=True)
        ]

        def run(part: slice) -> list[Tensor]:
            some = spelled[part]
            free = torch.zeros(len(some), len(some[0].ids), dtype=torch.bool, device=self.device)
            for row, tokens in zip(free, places[part], strict=True):
                row[tokens] = True
            if not free.any():
                return list(self.embed(some))
            latents = self.latents([images[i] for i, _ in pairs[part]])
            return list(fit(self, latents, some, free, fitting))

        fitted = chain.from_iterable(in_chunks(len(pairs), PAIRS_PER_CALL, run))
        for (i, text), tokens, embeddings in zip(pairs, places, fitted, strict=True):
            results[i].append(Concept(text.text, tuple(tokens), embeddings[tokens]))
        return results

    @torch.no_grad()
    def features(self, images: Sequence[Image], reading: FeatureReading) -> list[list[Tensor]]:
        """Reads features; see `openseg.models.tasks.diffusion.DiffusionFeatures.features`."""
        blocks = self._parts.unet.up_blocks
        if wrong := [at for at in reading.blocks if not 0 <= at < len(blocks)]:
            raise InputError(
                f"the model has no up-sampling block {wrong[0]}",
                fix=f"it has {len(blocks)}, from 0",
            )
        time = self.time_at(reading.noise_level)

        def encode(new: list[Image]) -> list[tuple[Tensor, ...]]:
            [words] = self.states([self._spell(reading.text)])

            def run(part: slice) -> list[tuple[Tensor, ...]]:
                latents = self.latents(new[part])
                with watched([blocks[at] for at in reading.blocks]) as seen:
                    noise = self.noise(latents, reading.seed)
                    self.denoise(latents, noise, time, words.expand(len(latents), -1, -1))
                return list(zip(*(one.float() for one in seen), strict=True))

            return list(chain.from_iterable(in_chunks(len(new), PAIRS_PER_CALL, run)))

        memo = self._features.setdefault(reading, ImageMemo())
        return [list(some) for some in memo.features(images, encode)]

    def look(self, latents: Tensor, states: Tensor, reading: AttentionReading) -> Tensor:
        """Averages the attention of latents, brought into noise, to the tokens of texts.

        Args:
            latents: float32 `[n, c, s, s]`.
            states: `[n, tokens, d]`, one text for each of them.
            reading: At which noise and in which layers; all chosen layers count alike.

        Returns:
            float32 `[n, tokens, s, s]`; over tokens it sums to 1.

        Raises:
            InputError: If the model has no layer of a stride that is asked for.
        """
        total = torch.zeros((), device=latents.device)
        times = [self.time_at(level) for level in reading.noise_levels]
        for draw in range(reading.draws):
            noise = self.noise(latents, reading.seed + draw)
            for time in times:
                with recorded(self._parts.unet) as maps:
                    self.denoise(latents, noise, time, states)
                total = total + self._join(by_stride(maps, self._side), reading.strides)
        return total / (reading.draws * len(times))

    def _spell(self, text: str | Concept) -> Spelling:
        return spell(self._parts.tokenizer, text if isinstance(text, str) else text.text)

    def _states(self, spelled: dict[str | Concept, Spelling]) -> Tensor:
        """The states of texts, the fitted words among them as they were fitted."""
        if not spelled:
            return self.states([])
        concepts = [None if isinstance(text, str) else text for text in spelled]
        rows = list(spelled.values())
        return self.states(rows, self.embed(rows, concepts))

    def _join(self, layers: dict[int, Tensor], strides: Sequence[int]) -> Tensor:
        chosen = strides or tuple(layers)
        if wrong := [stride for stride in chosen if stride not in layers]:
            raise InputError(
                f"the model has no cross-attention at stride {wrong[0]}",
                fix=f"its strides are {', '.join(map(str, layers))}",
            )
        grids = [
            interpolate(some.sum(dim=0), (self._side, self._side), mode="bilinear")
            for some in (layers[stride] for stride in chosen)
        ]
        return torch.stack(grids).sum(dim=0) / sum(len(layers[stride]) for stride in chosen)
