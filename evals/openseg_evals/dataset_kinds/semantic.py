"""Samples of semantic segmentation: a picture, the whole vocabulary, and its label map.

The truth of the metric is a folder with the split's label maps as PNGs: links where the official
files can be read as they are, conversions where not, each written in one step so that a broken-off
conversion goes on where it stopped.
"""

from __future__ import annotations

import io
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openseg.io.files import write_atomic
from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.dataset_kinds.vocabulary import Vocabulary
from openseg_evals.formats.files import sample
from openseg_evals.formats.labels import read_labels, read_size
from openseg_evals.samples import EvalSample, Target


@dataclass(frozen=True)
class LabelledPicture:
    """A picture and its truth.

    Attributes:
        stem: Its name without ending: the name of its predictions.
        image: The picture.
        labels: The official file that holds its label map.
    """

    stem: str
    image: Path
    labels: Path


ReadLabels = Callable[[LabelledPicture], NDArray[np.int64]]


class SemanticDataset:
    """Pictures with one class a pixel; an image is a sample and a unit.

    Args:
        name: Names the folder of converted truth: data set, classes and split.
        pictures: The pictures of the split.
        vocabulary: What is asked for; its labels are those of the maps.
        zero: `class`, or `unlabelled` if label 0 does not count.
        ignore: Label of pixels that do not count.
        background: Label of the class that means everything else, if there is one.
        read: Reads the truth of a picture as a map of the vocabulary's labels; None where the
            official files are PNGs of these labels.

    Raises:
        InputError: If a file is missing, or a picture cannot be read.
    """

    def __init__(
        self,
        name: str,
        pictures: Sequence[LabelledPicture],
        vocabulary: Vocabulary,
        *,
        zero: str,
        ignore: int,
        background: int | None = None,
        read: ReadLabels | None = None,
    ) -> None:
        self.metric_options: Mapping[str, str] = {
            "classes": str(len(vocabulary.labels)),
            "zero": zero,
            "ignore": str(ignore),
        }
        need_files([one.image for one in pictures], "pictures")
        need_files([one.labels for one in pictures], "label maps")
        self._name = name
        self._pictures = pictures
        self._read = read
        self._places = vocabulary.first_phrase
        self._uncounted = {ignore} | ({0} if zero == "unlabelled" else set())
        phrases, class_ids = vocabulary.phrases, vocabulary.class_ids
        self.samples: Sequence[EvalSample] = [
            EvalSample(
                id=one.stem,
                unit=one.stem,
                image=one.image,
                size=read_size(one.image),
                phrases=phrases,
                class_ids=class_ids,
                stuff=frozenset(class_ids),
                background=background,
                key={},
                targets=partial(self._targets, one),
            )
            for one in pictures
        ]

    def truth(self, workdir: Path) -> Path:
        """The folder of the split's label maps, a PNG a picture; it holds nothing else.

        Args:
            workdir: The folder is made in it, unless an official one holds just these.

        Raises:
            InputError: If an official file is broken or holds labels outside the vocabulary.
        """
        if self._read is None and len(homes := {one.labels.parent for one in self._pictures}) == 1:
            home = homes.pop()
            if set(home.rglob("*.png")) == {one.labels for one in self._pictures}:
                return home
        folder = workdir / self._name
        folder.mkdir(parents=True, exist_ok=True)
        for one in self._pictures:
            file = folder / f"{one.stem}.png"
            if self._read is None:
                link(one.labels, file)
            elif not file.exists():
                write_atomic(file, png(self._labels(one)))
        return folder

    def _targets(self, one: LabelledPicture) -> list[Target]:
        labels = self._labels(one)
        found = [int(label) for label in np.unique(labels) if label not in self._uncounted]
        return [
            Target(phrase=self._places[label], mask=rle.encode(labels == label)) for label in found
        ]

    def _labels(self, one: LabelledPicture) -> NDArray[np.int64]:
        labels = self._read(one) if self._read else read_labels(one.labels)
        odd = set(np.unique(labels).tolist()) - self._places.keys() - self._uncounted
        if odd:
            what = f"holds labels {sample(odd)}, which are not among the classes"
            fix = "check that the file is of this data set and not converted for another program"
            raise InputError(what, where=str(one.labels), fix=fix)
        height, width = read_size(one.image)
        if labels.shape != (height, width):
            what = f"is {labels.shape[0]} x {labels.shape[1]}, its picture is {height} x {width}"
            fix = f"height x width must be those of {one.image}"
            raise InputError(what, where=str(one.labels), fix=fix)
        return labels


def read_split(path: Path) -> list[str]:
    """The names a split's list holds, a line each.

    Raises:
        InputError: If it is empty, not text, or names something twice.
    """
    try:
        stems = path.read_text("utf-8").split()
    except UnicodeDecodeError:
        raise InputError("is not text", where=str(path), fix="copy the file again") from None
    if not stems:
        raise InputError("is empty", where=str(path), fix="copy the file again")
    twice = [one for one, n in Counter(stems).items() if n > 1]
    if twice:
        what = f"names {sample(twice)} twice"
        raise InputError(what, where=str(path), fix="keep one line for each picture")
    return stems


def need_files(paths: Sequence[Path], what: str) -> None:
    """Checks that the files of a split are there.

    Args:
        paths: The files, one or more.
        what: What they are, for the error.

    Raises:
        InputError: If some are missing.
    """
    missing = [one for one in paths if not one.is_file()]
    if missing:
        names = sample([one.name for one in missing])
        raise InputError(
            f"{len(missing)} of {len(paths)} {what} are missing: {names}",
            where=str(missing[0].parent),
            fix="unpack the archive again, or check the split",
        )


def png(labels: NDArray[np.int64]) -> bytes:
    """A label map as a grey PNG, of 8 bits where they do."""
    buffer = io.BytesIO()
    deep = int(labels.max(initial=0)) > np.iinfo(np.uint8).max
    Image.fromarray(labels.astype(np.uint16 if deep else np.uint8)).save(buffer, format="png")
    return buffer.getvalue()


def link(source: Path, file: Path) -> None:
    """Links a name to a file in one step, over a link that was there."""
    draft = file.parent / f".{secrets.token_hex(8)}.tmp"
    draft.symlink_to(source.resolve())
    draft.replace(file)
