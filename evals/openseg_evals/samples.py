"""What a data set gives: samples to ask a method about, and where the truth of its metric lies.

A loader is a module of `openseg_evals.datasets` (or one named by the entry-point group
`openseg.datasets`) with a function `load(folder, options)` that gives a `Dataset`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from openseg_evals.rle import RLE
from openseg_evals.upright_boxes import Axes


@dataclass(frozen=True)
class Target:
    """A true region of a sample.

    Attributes:
        phrase: Index of the phrase it answers.
        mask: The region, at the size of the image.
    """

    phrase: int
    mask: RLE


@dataclass(frozen=True)
class TemplateFile:
    """A picture of what is asked for, for methods that look for things by pictures.

    Attributes:
        image: The picture.
        mask: An image of the same size, bright where the thing is.
        phrase: Index of the sample's phrase that the thing is.
    """

    image: Path
    mask: Path
    phrase: int


@dataclass(frozen=True)
class EvalSample:
    """One question to a method: an image and the words to look for.

    Attributes:
        id: Unique in the data set and the same in every run; made of the official ids.
        unit: The unit of the metric's tally that the sample belongs to; several may share one.
        image: The picture.
        size: Its height and width in pixels, as the annotations state them.
        phrases: What is asked for, in order; never empty.
        class_ids: The class of each phrase, as the prediction file names it (a COCO category, a
            label); empty where predictions name no class.
        key: The official ids that the prediction file repeats, such as `ref_id` and `sent_id`.
        stuff: Those of `class_ids` whose regions are not counted one by one, as sky or floor.
        background: The class of pixels that no region covers; None if they are of no class.
        tags: What the data set says about the sample, by name, for breakdowns.
        targets: Reads every true region of the sample; none where nothing is there.
        templates: Pictures of what is asked for, the same value for samples that share them; none
            if the data set has none.
    """

    id: str
    unit: str
    image: Path
    size: tuple[int, int]
    phrases: tuple[str, ...]
    key: Mapping[str, Any]
    targets: Callable[[], Sequence[Target]]
    class_ids: tuple[int, ...] = ()
    stuff: frozenset[int] = frozenset()
    background: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    templates: tuple[TemplateFile, ...] = ()

    @property
    def source(self) -> Path:
        """What is read for it; samples of one source stand next to each other."""
        return self.image

    @property
    def question(self) -> tuple[object, ...]:
        """All that is asked; two samples that ask the same are equal here."""
        return self.id, self.size, self.phrases, self.class_ids


@dataclass(frozen=True, eq=False)
class SceneTarget:
    """A true object of a scene.

    Attributes:
        label: Its class, one of the sample's `class_ids`.
        vertices: Rows of the scene's cloud that belong to it, int64, rising.
    """

    label: int
    vertices: NDArray[np.int64]


@dataclass(frozen=True)
class SceneSample:
    """One question about a scene of posed pictures: the words to look for in its cloud.

    Attributes:
        id: Unique in the data set and the same in every run: the official name of the scene, with
            more behind it where a scene is asked about several times.
        unit: The unit of the metric's tally: the scene.
        scene: Folder of the scene, for `openseg.io.scenes.layout.read_scene`.
        cloud: PLY file whose vertices predictions and truth number, in its order.
        phrases: What is asked for, in order; never empty.
        class_ids: The label id of each phrase, as the prediction files name it.
        targets: Reads every true object of the asked classes; none where nothing is there.
        stuff: Those of `class_ids` whose vertices are not counted as objects, as wall or floor.
        labelled: How many points of each true object methods are told that start from some.
        proposals: The file of objects that methods are told that name them; None if there is none.
        key: The official ids that a line of the prediction file repeats; empty where predictions
            have a file a scene.
        axes: The axes that boxes of answers are upright in.
        tags: What the data set says about the scene, by name, for breakdowns.
    """

    id: str
    unit: str
    scene: Path
    cloud: Path
    phrases: tuple[str, ...]
    class_ids: tuple[int, ...]
    targets: Callable[[], Sequence[SceneTarget]]
    stuff: frozenset[int] = frozenset()
    labelled: int = 0
    proposals: Path | None = None
    key: Mapping[str, Any] = field(default_factory=dict)
    axes: Axes = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> Path:
        """What is read for it."""
        return self.scene

    @property
    def question(self) -> tuple[object, ...]:
        """All that is asked; two samples that ask the same are equal here."""
        return self.id, self.phrases, self.class_ids, self.labelled, self.proposals


AnySample = EvalSample | SceneSample
"""A question about an image or a scene."""


class Dataset(Protocol):
    """A split of a data set, read from its official files."""

    @property
    def samples(self) -> Sequence[EvalSample]:
        """Every sample, those of one image next to each other."""

    @property
    def metric_options(self) -> Mapping[str, str]:
        """Conventions that the data set fixes, by name, such as `classes`; empty if none."""
        return {}

    def truth(self, workdir: Path) -> Path:
        """Where the truth lies in the format of its metric.

        Args:
            workdir: Folder for files that have to be converted; nothing is written if the official
                ones can be read as they are.
        """


class SceneDataset(Protocol):
    """A split of a data set of scenes; otherwise as `Dataset`."""

    @property
    def samples(self) -> Sequence[SceneSample]:
        """Every scene, or every sentence, those of one scene next to each other."""

    @property
    def metric_options(self) -> Mapping[str, str]:
        """Conventions that the data set fixes, by name, such as `labels`; empty if none."""
        return {}

    def truth(self, workdir: Path) -> Path:
        """Where the truth lies in the format of its metric.

        For the ScanNet metrics that is a folder of `<scene>.txt` with an integer a vertex.

        Args:
            workdir: Folder for files that have to be converted; nothing is written if the official
                ones can be read as they are.
        """


AnyDataset = Dataset | SceneDataset
"""A split of images or of scenes."""


@dataclass(frozen=True)
class DataFile:
    """A file or folder that a data set needs.

    Attributes:
        path: Where it lies under the data set's folder.
        source: How to get it: the publisher's page or archive.
        md5: Checksum the publisher gives; empty if none.
    """

    path: str
    source: str
    md5: str = ""
