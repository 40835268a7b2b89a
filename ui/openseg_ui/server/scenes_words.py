"""How well words fit the objects of a scene, without running the method again.

Runs keep no vectors, so CLIP looks once at what each object's best frames show of it; the vectors
are kept for as many scenes as are looked at. New words then cost one text.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openseg.graph.events import Listener, NodeFinished, NodeStarted, RunStarted
from openseg.types.errors import InputError
from openseg_ui.server.jobs import Job

if TYPE_CHECKING:
    import PIL.Image
    from torch import Tensor

    from openseg.api.scenes.records import SceneRecord
    from openseg.types import Frames
    from openseg_ui.server.scenes_cloud import Pack

ENCODER = "clip"
TEMPLATE = "a photo of {}"
"""CLIP's own prompt, as in `embed.phrases`."""

VIEWS = 3
"""Frames of each object that are looked at."""

_KEPT = 32
_STEPS = ("model", "pictures", "objects", "words")


@dataclass(frozen=True)
class Fit:
    """How well words fit objects.

    Attributes:
        words: The phrases that were asked for.
        scores: For each object the cosine with the phrase that fits it best; None for objects that
            no frame shows.
        best: For each object the number of that phrase; None in the same way.
    """

    words: tuple[str, ...]
    scores: tuple[float | None, ...]
    best: tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of a scene.

    Attributes:
        key: Names the run and the scene.
        words: The phrases.
        record: What was found.
        frames: The scene's frames.
        pack: Its points.
    """

    key: str
    words: tuple[str, ...]
    record: SceneRecord
    frames: Frames
    pack: Pack


class Vectors:
    """The vectors of scenes that were asked about; the oldest are forgotten."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Tensor, list[int]]] = OrderedDict()
        self._lock = threading.Lock()

    def job(self, asked: Asked, encoder: Callable[[], Any]) -> Job:
        """The work of answering; it belongs into the line of those who use models.

        Args:
            asked: What is asked.
            encoder: Gives the loaded `ImageTextEncoder`.
        """
        return Job(
            f"words for {asked.record.id}", lambda listener: self.fit(asked, encoder, listener)
        )

    def fit(self, asked: Asked, encoder: Callable[[], Any], listener: Listener) -> Fit:
        """Answers.

        Raises:
            OpensegError: If no frame shows an object, or the encoder's weights are not here.
        """
        import torch

        listener(RunStarted(1, _STEPS, (_STEPS,)))
        with _step("model", listener):
            model = encoder()
        vectors, rows = self._of(asked, model, listener)
        with _step("words", listener), torch.inference_mode():
            words = model.encode_texts([TEMPLATE.replace("{}", one) for one in asked.words])
            cosines = (vectors @ words.T).float().cpu()
        best = cosines.argmax(dim=1).tolist()
        place = {row: i for i, row in enumerate(rows)}
        found = [place.get(row) for row in range(len(asked.record.instances))]
        return Fit(
            asked.words,
            tuple(None if i is None else float(cosines[i, best[i]]) for i in found),
            tuple(None if i is None else best[i] for i in found),
        )

    def _of(self, asked: Asked, model: Any, listener: Listener) -> tuple[Tensor, list[int]]:
        """float32 `[m, d]`, unit length, and the objects they are of."""
        import torch

        with self._lock:
            if asked.key in self._kept:
                self._kept.move_to_end(asked.key)
                return self._kept[asked.key]
        with _step("pictures", listener):
            crops, owners = _crops(asked, model.mean_pixel, listener)
        if not crops:
            what = "no frame shows any object of this scene"
            raise InputError(what, fix="the scene's frames must be readable, and named in the run")
        with _step("objects", listener), torch.inference_mode():
            each = model.encode_images(crops)
        rows = sorted(set(owners))
        owner = torch.tensor(owners)
        means = torch.stack([each[(owner == row).nonzero()[:, 0]].mean(dim=0) for row in rows])
        kept = torch.nn.functional.normalize(means, dim=-1), rows
        with self._lock:
            self._kept[asked.key] = kept
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept


def _crops(asked: Asked, fill: Sequence[int], listener: Listener) -> tuple[list[Tensor], list[int]]:
    """What frames show of objects, a square each; frame by frame, so that each is read once."""
    import numpy as np
    import torch

    from openseg import ops
    from openseg_ui.server.scenes_views import best_views, seen_in

    wanted = [
        (view, row)
        for row, one in enumerate(asked.record.instances)
        for view in best_views(one, VIEWS)
    ]
    crops, owners = [], []
    for view, row in sorted(wanted, key=lambda one: one[0].frame):
        listener(NodeStarted("pictures", 1))  # a stop is noticed here
        seen = seen_in(asked.frames, view, asked.record.instances[row], asked.pack)
        if seen is None or not seen.mask.any():
            continue
        pixels = _pixels(seen.photo.picture)
        crops += ops.crops.masked_crops(pixels, torch.from_numpy(np.array([seen.mask])), fill)
        owners.append(row)
    return crops, owners


def _pixels(picture: PIL.Image.Image) -> Tensor:
    import numpy as np
    import torch

    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous()


@contextmanager
def _step(name: str, listener: Listener) -> Iterator[None]:
    """Tells who watches that a step begins and ends."""
    listener(NodeStarted(name, 1))
    began = time.perf_counter()
    yield
    took = time.perf_counter() - began
    listener(NodeFinished(name, 1, 1, 0, 1, took, took, 0))
