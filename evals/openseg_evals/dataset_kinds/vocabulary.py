"""Class lists: the number of each class, its names, and which of them a method is asked for.

The lists of semantic benchmarks lie in `datasets/vocabularies`; those of COCO, LVIS and BOP are in
the annotation files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from openseg.types.errors import InputError
from openseg_evals.dataset_options import Option

FOLDER = Path(__file__).parents[1] / "datasets" / "vocabularies"
PLAIN = "plain"
SYNONYMS = "synonyms"
NAMES = Option(PLAIN, "words asked for: plain, synonyms, or a text file with a line for each class")

_NUMBER = re.compile(r"^\d+:")
_NO_CLASS = "invalid_class_id"


@dataclass(frozen=True)
class Vocabulary:
    """The classes of a benchmark.

    Attributes:
        labels: The number of each class in label maps or prediction files, in order.
        names: The names of each class, one or more, the benchmark's own first.
        source_ids: The number of each class in the data set's own files, where it differs.
    """

    labels: tuple[int, ...]
    names: tuple[tuple[str, ...], ...]
    source_ids: tuple[int, ...] = ()

    @property
    def phrases(self) -> tuple[str, ...]:
        """Every name, class by class."""
        return tuple(name for names in self.names for name in names)

    @property
    def class_ids(self) -> tuple[int, ...]:
        """The label of each phrase."""
        pairs = zip(self.labels, self.names, strict=True)
        return tuple(label for label, names in pairs for _ in names)

    @property
    def first_phrase(self) -> dict[int, int]:
        """The place of each label's first phrase."""
        return {label: place for place, label in reversed(list(enumerate(self.class_ids)))}

    def without(self, label: int) -> Vocabulary:
        """The vocabulary without a class."""
        kept = [place for place, one in enumerate(self.labels) if one != label]
        return replace(
            self,
            labels=tuple(self.labels[place] for place in kept),
            names=tuple(self.names[place] for place in kept),
        )


def read_vocabulary(name: str) -> Vocabulary:
    """A class list of `datasets/vocabularies`, with every name of each class."""
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return Vocabulary(
        labels=tuple(content["classes"]),
        names=tuple(tuple(names.split(", ")) for names in content["classes"].values()),
        source_ids=tuple(content.get("source_ids", ())),
    )


def category_vocabulary(names: Mapping[int, tuple[str, ...]]) -> Vocabulary:
    """The vocabulary of an annotation file's categories, by id."""
    return Vocabulary(labels=tuple(names), names=tuple(names.values()))


def choose_names(vocabulary: Vocabulary, choice: str) -> Vocabulary:
    """Chooses the words a method is asked for.

    Args:
        vocabulary: A vocabulary with every name.
        choice: `plain`: one name a class, its first, or where another class begins with the same
            name, its first that no class begins with;
            `synonyms`: every name; otherwise a text file with a line for each class in order, its
            names separated by commas, with or without `<number>:` before them. That is the form of
            the prompt-engineered lists of OpenSeg, ODISE and FC-CLIP, whose lines
            `invalid_class_id` are passed over, and of the lists of MaskCLIP and its kin.

    Raises:
        InputError: If the file is missing or has not a line for each class.
    """
    if choice == SYNONYMS:
        return vocabulary
    if choice == PLAIN:
        return replace(vocabulary, names=tuple((name,) for name in _plain(vocabulary.names)))
    return replace(vocabulary, names=_read_names(Path(choice), len(vocabulary.labels)))


def _plain(classes: tuple[tuple[str, ...], ...]) -> list[str]:
    first = Counter(names[0] for names in classes)
    return [
        names[0]
        if first[names[0]] == 1
        else next((name for name in names if name not in first), names[0])
        for names in classes
    ]


def _read_names(path: Path, classes: int) -> tuple[tuple[str, ...], ...]:
    if not path.is_file():
        fix = f"names is {PLAIN}, {SYNONYMS}, or a text file with a line for each class"
        raise InputError("no such list of names", where=str(path), fix=fix)
    try:
        lines = [_NUMBER.sub("", line.strip()) for line in path.read_text("utf-8").splitlines()]
    except UnicodeDecodeError:
        raise InputError("is not text", where=str(path), fix="write it in UTF-8") from None
    split = ([name.strip() for name in line.split(",") if name.strip()] for line in lines)
    names = tuple(tuple(one) for one in split if one and one != [_NO_CLASS])
    if len(names) != classes:
        fix = "write one line for each class, in the benchmark's order"
        raise InputError(
            f"names {len(names)} classes, the benchmark has {classes}", where=str(path), fix=fix
        )
    return names
