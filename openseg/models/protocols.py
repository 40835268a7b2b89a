"""What stages may ask of a model: one protocol a task, nothing about any family.

All calls are batched over images and ragged over regions and phrases. Tensors go in and come out on
the model's device. Every adapter encodes an image at most once while it is being worked on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from openseg.types.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from openseg.models.reply_errors import ReplyError
    from openseg.types import Concept, Image


@dataclass(frozen=True, eq=False)
class TextDetections:
    """Boxes of one image with a score for every phrase.

    Attributes:
        boxes: float32 `[m, 4]` xyxy in pixels of the original image, clipped to it.
        scores: float32 `[m, p]` in [0, 1]: boxes by the phrases that were asked for.
    """

    boxes: Tensor
    scores: Tensor


@runtime_checkable
class TextDetector(Protocol):
    """Finds boxes for phrases (Grounding DINO, OWLv2)."""

    def detect(
        self, images: Sequence[Image], phrases: Sequence[Sequence[str]], min_score: float
    ) -> list[TextDetections]:
        """Detects each image's phrases.

        Args:
            images: The images.
            phrases: For each image, one or more phrases; split into several prompts by the adapter
                where a model's text limit asks for it, so that no phrase is cut or merged.
            min_score: Boxes whose best score is below it are dropped early.

        Returns:
            One result an image, boxes in descending order of their best score.

        Raises:
            openseg.types.errors.InputError: If a single phrase exceeds the model's text limit.
        """
        ...


@dataclass(frozen=True, eq=False)
class Prompts:
    """Geometric prompts on one image, a row a region; columns that are None are not used.

    Attributes:
        boxes: float32 `[n, 4]` xyxy pixels.
        points: float32 `[n, k, 2]` xy pixels.
        point_labels: int64 `[n, k]`: 1 inside, 0 outside, -1 padding.
        logits: float32 `[n, lh, lw]` low-resolution mask logits of an earlier round.
    """

    boxes: Tensor | None = None
    points: Tensor | None = None
    point_labels: Tensor | None = None
    logits: Tensor | None = None


@dataclass(frozen=True, eq=False)
class MaskLogits:
    """Mask candidates of one image, kept small until someone needs pixels.

    Attributes:
        logits: float32 `[n, c, lh, lw]` low-resolution logits, `c` candidates a region.
        quality: float32 `[n, c]` the model's own estimate of each candidate's IoU.
    """

    logits: Tensor
    quality: Tensor


@runtime_checkable
class PromptSegmenter(Protocol):
    """Turns boxes and points into masks (SAM, SAM 2)."""

    def segment(
        self, images: Sequence[Image], prompts: Sequence[Prompts], candidates: bool
    ) -> list[MaskLogits]:
        """Predicts masks for each image's prompts; an image is encoded once for all of them.

        Args:
            images: The images.
            prompts: For each image, its prompts; zero rows are allowed.
            candidates: True for the model's several candidates a prompt (`c` = 3), False for its
                single-mask output (`c` = 1).
        """
        ...

    def pixels(self, logits: Tensor, size: tuple[int, int]) -> Tensor:
        """Brings low-resolution logits to an image's size.

        Args:
            logits: float32 `[n, lh, lw]` as `segment` gave them.
            size: Height and width of the original image.

        Returns:
            float32 `[n, h, w]` logits; a pixel is in the mask where they are above 0.
        """
        ...


@runtime_checkable
class ImageTextEncoder(Protocol):
    """Embeds images and texts in one space (CLIP, SigLIP)."""

    mean_pixel: tuple[int, int, int]
    """RGB in 0-255 that becomes about zero after normalisation: the fill of masked crops."""

    def encode_images(self, images: Sequence[Tensor]) -> Tensor:
        """Embeds images or crops of any size.

        Args:
            images: uint8 `[3, h, w]` each; may be empty.

        Returns:
            float32 `[n, d]`, unit length.
        """
        ...

    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """Embeds texts.

        Returns:
            float32 `[n, d]`, unit length.
        """
        ...

    def logits(self, image_vectors: Tensor, text_vectors: Tensor) -> Tensor:
        """The model's own scaled similarity (temperature, and bias where it has one).

        Args:
            image_vectors: float32 `[n, d]`.
            text_vectors: float32 `[p, d]`.

        Returns:
            float32 `[n, p]`.
        """
        ...


@dataclass(frozen=True, eq=False)
class VisualQuestion:
    """What a language model is asked about pictures; questions are independent of each other.

    Attributes:
        text: The words, without any chat format.
        images: uint8 `[3, h, w]` each, of any size, shown before the words in this order; may be
            empty.
        choices: If given, the reply is one of these, word for word.
        schema: A JSON Schema the reply should follow, for servers that can be held to one; the
            reply is still to be checked.
    """

    text: str
    images: tuple[Tensor, ...] = ()
    choices: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Reply:
    """What a language model said.

    Attributes:
        text: The words, stripped; never empty.
        complete: False where the reply was cut at the longest length.
        prompt_tokens: Tokens read, those of images included.
        reply_tokens: Tokens written; with choices, those of all that were weighed.
        probabilities: For each choice its share of the model's belief, summing to 1; empty
            without choices, and from servers, which do not tell.
    """

    text: str
    complete: bool = True
    prompt_tokens: int = 0
    reply_tokens: int = 0
    probabilities: tuple[float, ...] = ()


@runtime_checkable
class VisionLanguage(Protocol):
    """Answers questions about pictures in words (SmolVLM, Qwen2.5-VL, a server)."""

    wording: str
    """How it wants to be asked, the name of a wording in prompt files: `instructions`, or what its
    checkpoint says of itself where it was taught to answer certain questions only."""

    def ask(self, questions: Sequence[VisualQuestion], max_tokens: int) -> list[Reply | ReplyError]:
        """Asks; the same questions get the same replies, as far as a back end can promise it.

        Args:
            questions: The questions; may be none.
            max_tokens: Longest reply.

        Returns:
            For each question a reply, or in its place the reason why there is none.

        Raises:
            openseg.models.reply_errors.LanguageModelError: If no question can be answered.
        """
        ...


class Meter(Protocol):
    """Counts what a model costs."""

    def report(self) -> dict[str, float | str]:
        """Counts and cost by name."""
        ...


@runtime_checkable
class MeteredModel(Protocol):
    """A model that may cost money, whose replies can be kept (a language model)."""

    spending: Meter

    def record(self, file: Path) -> None:
        """From now on keeps every reply in a file, and asks for none that is in it."""
        ...


@runtime_checkable
class ReplyAttention(Protocol):
    """Tells where a language model looks in a picture when it begins its reply."""

    wording: str
    """As of `VisionLanguage`."""

    def look(self, questions: Sequence[VisualQuestion], depth: float) -> list[Tensor]:
        """Reads the attention that the last token before the reply pays to the picture.

        Args:
            questions: Questions with one picture each; may be none.
            depth: Which layer is read, from 0 for the first to 1 for the last.

        Returns:
            For each question float32 `[gh, gw]`, not negative, the mean over the layer's heads;
            the grid covers the whole picture.

        Raises:
            openseg.models.reply_errors.LanguageModelError: If the back end does not tell.
        """
        ...


@dataclass(frozen=True, eq=False)
class ImageFeatures:
    """Dense features of one image.

    Attributes:
        summary: float32 `[d]`, the whole image, as the class token.
        patches: float32 `[d, gh, gw]`, one vector a patch, not normalised; the grid covers the
            whole image.
    """

    summary: Tensor
    patches: Tensor


@runtime_checkable
class ImageEncoder(Protocol):
    """Gives dense features (DINOv2 without words, CLIP in the space of its texts)."""

    def encode(self, images: Sequence[Image]) -> list[ImageFeatures]:
        """Encodes images of any size."""
        ...


@runtime_checkable
class DenseImageTextEncoder(ImageEncoder, ImageTextEncoder, Protocol):
    """An image-text encoder whose dense features, too, lie in the space of its texts (CLIP).

    A stage that compares patches with words asks for this and not for an `ImageEncoder`, which may
    be one that never saw a word.
    """


@dataclass(frozen=True)
class AttentionReading:
    """How cross-attention is read.

    Attributes:
        noise_levels: How far into the noise the image is brought before the model looks at it,
            shares of its training time steps in (0, 1]; maps are averaged over them.
        draws: Draws of noise at each level, averaged too.
        strides: Layers to read, by how many times coarser their maps are than the finest ones
            the model has (1, 2, 4, ...); empty for all layers.
        seed: Seed of the noise; the same noise is used for every image and text.
    """

    noise_levels: tuple[float, ...] = (0.1,)
    draws: int = 1
    strides: tuple[int, ...] = ()
    seed: int = 0


@dataclass(frozen=True, eq=False)
class TokenAttention:
    """Where a model looks for each token of one text in one image.

    Attributes:
        maps: float32 `[t, gh, gw]`; the grid covers the whole image, and in each cell the tokens
            sum to 1.
        spans: For each of the t tokens the start and end of the characters it stands for;
            `(0, 0)` for special tokens and padding.
    """

    maps: Tensor
    spans: tuple[tuple[int, int], ...]

    def over(self, word: tuple[int, int]) -> Tensor:
        """The map of a word: the mean over the tokens that stand for any of its characters.

        Args:
            word: Start and end in characters of the text.

        Returns:
            float32 `[gh, gw]`.

        Raises:
            openseg.types.errors.InputError: If no token stands for those characters.
        """
        start, end = word
        rows = [i for i, (a, b) in enumerate(self.spans) if a < end and b > start]
        if not rows:
            raise InputError(f"characters {start} to {end} of the text hold no word")
        return self.maps[rows].mean(dim=0)


@runtime_checkable
class CrossAttention(Protocol):
    """Tells where a text-to-image model looks for the words of a text (Stable Diffusion)."""

    def attend(
        self,
        images: Sequence[Image],
        texts: Sequence[Sequence[str | Concept]],
        reading: AttentionReading,
    ) -> list[list[TokenAttention]]:
        """Reads the cross-attention of each image's texts.

        Args:
            images: The images.
            texts: For each image, texts, or texts with words fitted to the image, that are looked
                at one by one; may be empty.
            reading: At which noise and in which layers.

        Returns:
            For each image one result a text.

        Raises:
            openseg.types.errors.InputError: If a text exceeds the model's limit, or the model has
                no layer of a stride that is asked for.
        """
        ...
