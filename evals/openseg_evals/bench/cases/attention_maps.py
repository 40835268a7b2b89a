"""Cross-attention maps of ten phrases on one image: together against one full pass each.

Phrases of one sentence are read in one pass. Each text of its own needs a pass of its own, for a
text changes nearly all that the network computes: what texts share is the image's latents, and in
small pictures the reading of the network's weights from memory. The floor is meant for the former.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from openseg.io.images import image_from
from openseg.models.protocols import AttentionReading, TokenAttention
from openseg.models.store import ModelStore
from openseg.types import Image
from openseg_evals.bench.agreement import of_numbers
from openseg_evals.bench.clock import in_turn
from openseg_evals.bench.diffusion import save_pipeline
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_times
from openseg_evals.bench.settings import Settings

PHRASES = [
    f"the {colour} {thing}"
    for colour in ("red", "blue")
    for thing in ("cup", "ball", "hat", "chair", "box")
]
SENTENCE = ", ".join(PHRASES)
READING = AttentionReading((0.1,), 1, (), 0)

Read = Callable[[Image, list[str]], list[TokenAttention]]


def measure(settings: Settings) -> Iterator[Row]:
    """A row for phrases of a sentence and one for texts; nothing is remembered between calls."""
    weights = settings.folder / "weights"
    side = settings.pick(16, 32 if settings.slow else 64)
    save_pipeline(weights / "stable-diffusion", full=settings.full, side=side)
    reader = ModelStore(weights, settings.device).load("stable-diffusion")
    pairs = settings.pairs(1 if settings.slow else 5)
    images = [image_from(path) for path in pictures(settings.folder, pairs, (512, 512))]

    def read(image: Image, texts: list[str]) -> list[TokenAttention]:
        reader._memo.clear()
        found: list[TokenAttention] = reader.attend([image], [texts], READING)[0]
        return found

    same = "the peer is the same code, asked again for each phrase with nothing remembered"
    most = "; texts share the image's encoding only: at full width 2.1 times fewer operations"
    for name, work, what, note in (
        ("attention-maps", in_sentence, "phrases of one sentence", same),
        ("attention-maps-texts", as_texts, "texts", same + most),
    ):
        together, each = work(read)
        found: dict[str, Tensor] = {}

        def ours(number: int, together: Side = together, found: Found = found) -> None:
            found["ours"] = together(images[number - 1])

        def peer(number: int, each: Side = each, found: Found = found) -> None:
            found["peer"] = each(images[number - 1])

        times = in_turn(ours, peer, pairs, settings.device)
        yield of_times(
            name,
            f"one full pass for each of {len(PHRASES)} {what}, pictures of {8 * side}x{8 * side}",
            times,
            Floor("at least", 4.0),
            of_numbers(found["ours"], found["peer"], 1e-5),
            note=note,
        )


Side = Callable[[Image], Tensor]
Found = dict[str, Tensor]


def in_sentence(read: Read) -> tuple[Side, Side]:
    """Maps of phrases that stand in one sentence: read at once, and phrase by phrase."""
    starts = [SENTENCE.index(phrase) for phrase in PHRASES]
    spans = [(start, start + len(one)) for start, one in zip(starts, PHRASES, strict=True)]

    def together(image: Image) -> Tensor:
        [found] = read(image, [SENTENCE])
        return torch.stack([found.over(span) for span in spans])

    def each(image: Image) -> Tensor:
        return torch.stack([read(image, [SENTENCE])[0].over(span) for span in spans])

    return together, each


def as_texts(read: Read) -> tuple[Side, Side]:
    """Maps of phrases that are texts of their own: read in batches, and text by text."""

    def together(image: Image) -> Tensor:
        return torch.stack([one.maps for one in read(image, PHRASES)])

    def each(image: Image) -> Tensor:
        return torch.stack([read(image, [one])[0].maps for one in PHRASES])

    return together, each
