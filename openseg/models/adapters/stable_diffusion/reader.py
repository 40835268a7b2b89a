"""`CrossAttention` over Stable Diffusion: add noise to an image's latents, denoise, keep the maps.

An image is squashed to the square the model was trained on, so its whole is seen and the maps cover
it; the latents are computed once an image, the states of a text once a call.
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
from openseg.models.adapters.stable_diffusion.capture import by_stride, recorded
from openseg.models.adapters.stable_diffusion.parts import Parts
from openseg.models.adapters.stable_diffusion.spans import Spelling, spell
from openseg.models.image_memo import ImageMemo
from openseg.models.protocols import AttentionReading, TokenAttention
from openseg.types import Image
from openseg.types.errors import InputError

IMAGES_PER_CALL = 4
TEXTS_PER_CALL = 32
PAIRS_PER_CALL = 8
"""Pairs of an image and a text in one pass of the UNet."""


class StableDiffusion:
    """Reads where a UNet of `diffusers` looks for words.

    `states` and `look` take and give tensors that gradients flow through, so that the states of a
    text can be fitted to an image (textual inversion); `attend` needs no gradients.

    Args:
        parts: The networks, in eval mode.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._side = int(parts.unet.config.sample_size)
        self._memo: ImageMemo[Tensor] = ImageMemo()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        return cls(Parts.load(folder, device, dtype))

    # Not inference mode: latents are remembered, and fitting a text's states to them must be able
    # to save them for its gradients.
    @torch.no_grad()
    def attend(
        self,
        images: Sequence[Image],
        texts: Sequence[Sequence[str]],
        reading: AttentionReading,
    ) -> list[list[TokenAttention]]:
        """Reads attention; see `openseg.models.protocols.CrossAttention.attend`."""
        pairs = [(i, text) for i, some in enumerate(texts) for text in some]
        spelled = {text: spell(self._parts.tokenizer, text) for _, text in pairs}
        asked = [image for image, some in zip(images, texts, strict=True) if some]
        self.latents(asked)
        states = dict(zip(spelled, self.states(list(spelled.values())), strict=True))

        def run(part: slice) -> list[Tensor]:
            latents = self.latents([images[i] for i, _ in pairs[part]])
            words = torch.stack([states[text] for _, text in pairs[part]])
            return list(self.look(latents, words, reading))

        found = chain.from_iterable(in_chunks(len(pairs), PAIRS_PER_CALL, run))
        results: list[list[TokenAttention]] = [[] for _ in images]
        for (i, text), maps in zip(pairs, found, strict=True):
            results[i].append(TokenAttention(maps, spelled[text].spans))
        return results

    @torch.no_grad()
    def latents(self, images: Sequence[Image]) -> Tensor:
        """The most likely latents of images, at the scale the UNet works on.

        Returns:
            float32 `[n, c, s, s]`.
        """
        if not images:
            return torch.zeros(0, 0, self._side, self._side, device=self._parts.unet.device)
        return torch.stack(self._memo.features(images, self._encode))

    def states(self, spelled: Sequence[Spelling]) -> Tensor:
        """The text encoder's last hidden states.

        Args:
            spelled: Texts as the tokenizer gives them.

        Returns:
            In the network's dtype, `[n, tokens, d]`.
        """
        encoder = self._parts.text_encoder
        width = int(encoder.config.hidden_size)
        empty = torch.zeros(0, 0, width, device=encoder.device, dtype=encoder.dtype)

        def run(part: slice) -> Tensor:
            ids = torch.tensor([one.ids for one in spelled[part]], device=encoder.device)
            states: Tensor = encoder(ids).last_hidden_state
            return states

        found = in_chunks(len(spelled), TEXTS_PER_CALL, run)
        return torch.cat(found) if found else empty

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
        times = self._times(reading)
        for draw in range(reading.draws):
            noise = self._noise(latents, reading.seed + draw)
            for time in times:
                with recorded(self._parts.unet) as maps:
                    self.denoise(latents, noise, time, states)
                total = total + self._join(by_stride(maps, self._side), reading.strides)
        return total / (reading.draws * len(times))

    def denoise(self, latents: Tensor, noise: Tensor, time: int, states: Tensor) -> Tensor:
        """What the UNet makes of noisy latents: the noise, or v where it was trained on that.

        Args:
            latents: float32 `[n, c, s, s]`.
            noise: Of the same shape.
            time: Training time step, which says how much of it is added.
            states: `[n, tokens, d]`.

        Returns:
            `[n, c, s, s]` in the network's dtype.
        """
        unet = self._parts.unet
        step = torch.tensor([time], device=latents.device)
        noisy = self._parts.scheduler.add_noise(latents, noise, step)
        found: Tensor = unet(noisy.to(unet.dtype), step, states).sample
        return found

    def _times(self, reading: AttentionReading) -> list[int]:
        total = int(self._parts.scheduler.config.num_train_timesteps)
        if wrong := [level for level in reading.noise_levels if not 0.0 < level <= 1.0]:
            raise InputError(f"noise level {wrong[0]} is not in (0, 1]")
        return [max(0, round(level * total) - 1) for level in reading.noise_levels]

    @staticmethod
    def _noise(latents: Tensor, seed: int) -> Tensor:
        """The same noise for all latents, drawn on the CPU: equal on any device, in any batch."""
        random = torch.Generator().manual_seed(seed)
        return torch.randn(latents.shape[1:], generator=random).to(latents).expand_as(latents)

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

    def _encode(self, images: list[Image]) -> list[Tensor]:
        autoencoder = self._parts.autoencoder
        side = self._side * 2 ** (len(autoencoder.config.block_out_channels) - 1)

        def run(part: slice) -> Tensor:
            pixels = torch.cat([_square(one.pixels, side) for one in images[part]])
            values = pixels.to(autoencoder.device, autoencoder.dtype)
            found: Tensor = autoencoder.encode(values).latent_dist.mean
            return found.float() * float(autoencoder.config.scaling_factor)

        return list(torch.cat(in_chunks(len(images), IMAGES_PER_CALL, run)))


def _square(pixels: Tensor, side: int) -> Tensor:
    """A uint8 `[3, h, w]` image as float32 `[1, 3, side, side]` in -1 to 1."""
    values = pixels[None].float() / 127.5 - 1.0
    resized: Tensor = interpolate(values, (side, side), mode="bilinear", antialias=True)
    return resized
