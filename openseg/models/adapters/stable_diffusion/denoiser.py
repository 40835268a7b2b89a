"""A latent diffusion model as three functions: image to latents, words to states, noise guessed.

An image is squashed to the square the model was trained on, so its whole is seen and what is read
covers it. Gradients flow through `embed`, `states` and `denoise`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from openseg.models.adapters.chunks import in_chunks
from openseg.models.adapters.stable_diffusion.parts import Parts
from openseg.models.adapters.stable_diffusion.spans import Spelling
from openseg.models.image_memo import ImageMemo
from openseg.types import Concept, Image
from openseg.types.errors import InputError

IMAGES_PER_CALL = 4
TEXTS_PER_CALL = 32


class Denoiser:
    """The networks of Stable Diffusion.

    Args:
        parts: The networks, in eval mode.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._side = int(parts.unet.config.sample_size)
        self._memo: ImageMemo[Tensor] = ImageMemo()

    @property
    def device(self) -> torch.device:
        """Where the networks lie."""
        device: torch.device = self._parts.unet.device
        return device

    # Not inference mode: latents are remembered, and fitting a text's states to them must be able
    # to save them for its gradients.
    @torch.no_grad()
    def latents(self, images: Sequence[Image]) -> Tensor:
        """The most likely latents of images, at the scale the UNet works on.

        Returns:
            float32 `[n, c, s, s]`.
        """
        if not images:
            return torch.zeros(0, 0, self._side, self._side, device=self.device)
        return torch.stack(self._memo.features(images, self._encode))

    def embed(self, spelled: Sequence[Spelling], concepts: Sequence[Concept | None] = ()) -> Tensor:
        """Looks tokens up.

        Args:
            spelled: Texts as the tokenizer gives them, at least one.
            concepts: For each text what its words mean instead; empty for none.

        Returns:
            float32 `[n, tokens, d]`.
        """
        ids = torch.tensor([one.ids for one in spelled], device=self.device)
        table: Tensor = self._parts.text_encoder.get_input_embeddings().weight
        found = table[ids].float()
        for row, concept in zip(found, concepts, strict=False):
            if concept is not None:
                row[list(concept.tokens)] = concept.vectors.to(found)
        return found

    def states(self, spelled: Sequence[Spelling], embeddings: Tensor | None = None) -> Tensor:
        """The text encoder's last hidden states.

        Args:
            spelled: Texts as the tokenizer gives them.
            embeddings: `[n, tokens, d]` what their tokens are looked up as; those of `embed` if
                None.

        Returns:
            In the network's dtype, `[n, tokens, d]`.
        """
        encoder = self._parts.text_encoder
        width = int(encoder.config.hidden_size)
        empty = torch.zeros(0, 0, width, device=encoder.device, dtype=encoder.dtype)

        def run(part: slice) -> Tensor:
            given = self.embed(spelled[part]) if embeddings is None else embeddings[part]
            ids = torch.tensor([one.ids for one in spelled[part]], device=encoder.device)
            # The model takes no embeddings, only the ids they are looked up by.
            hook = encoder.get_input_embeddings().register_forward_hook(
                lambda *_: given.to(encoder.dtype)
            )
            try:
                states: Tensor = encoder(ids).last_hidden_state
            finally:
                hook.remove()
            return states

        found = in_chunks(len(spelled), TEXTS_PER_CALL, run)
        return torch.cat(found) if found else empty

    def denoise(self, latents: Tensor, noise: Tensor, time: int | Tensor, states: Tensor) -> Tensor:
        """What the UNet makes of noisy latents: the noise, or v where it was trained on that.

        Args:
            latents: float32 `[n, c, s, s]`.
            noise: Of the same shape.
            time: Training time step, which says how much of it is added; one, or int64 `[n]`.
            states: `[n, tokens, d]`.

        Returns:
            `[n, c, s, s]` in the network's dtype.
        """
        unet = self._parts.unet
        step = torch.as_tensor(time, device=latents.device).reshape(-1)
        noisy = self._parts.scheduler.add_noise(latents, noise, step)
        found: Tensor = unet(noisy.to(unet.dtype), step, states).sample
        return found

    def target(self, latents: Tensor, noise: Tensor, time: Tensor) -> Tensor:
        """What `denoise` should have given.

        Args:
            latents: float32 `[n, c, s, s]`.
            noise: Of the same shape.
            time: int64 `[n]`.
        """
        if self._parts.scheduler.config.prediction_type == "v_prediction":
            velocity: Tensor = self._parts.scheduler.get_velocity(latents, noise, time)
            return velocity
        return noise

    @property
    def times(self) -> int:
        """How many time steps the model was trained on."""
        return int(self._parts.scheduler.config.num_train_timesteps)

    def time_at(self, level: float) -> int:
        """The time step at a share of all of them.

        Raises:
            InputError: If it is none.
        """
        if not 0.0 < level <= 1.0:
            raise InputError(f"noise level {level} is not in (0, 1]")
        return max(0, round(level * self.times) - 1)

    @staticmethod
    def noise(latents: Tensor, seed: int) -> Tensor:
        """The same noise for all latents, drawn on the CPU: equal on any device, in any batch."""
        random = torch.Generator().manual_seed(seed)
        return torch.randn(latents.shape[1:], generator=random).to(latents).expand_as(latents)

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
