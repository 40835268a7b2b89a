"""Loaded models for the engine: from a family's name to an adapter on the run's device.

A run never downloads: weights are shipped, in a folder the user names, or in the Hub's cache
because `openseg fetch` put them there. Importing this module and asking what there is, what it can
do and where it lies does not import torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openseg.models import fingerprint, memory, weights
from openseg.models.catalogue import PROFILES, Family, families, load_object
from openseg.models.protocols import MeteredModel
from openseg.models.runtime import resolve_device, resolve_dtype
from openseg.types.errors import InputError, MissingExtraError, MissingWeightsError

if TYPE_CHECKING:
    import torch

Weights = str | Path
"""A profile (`mini`, `base`, `large`) or a folder, as text also with others for some families:
`mini,vlm=DIR`."""


class ModelStore:
    """Finds, loads and keeps models; the engine's `ModelProvider`.

    In a folder DIR the checkpoint of a family is `DIR/<family>`. If there is no such folder, DIR
    itself is taken where it is one: where its `config.json` names an architecture the family
    reads, or, for families whose checkpoints have no `config.json`, where it holds weights.

    Args:
        weights: A profile or a folder for all families, or a mapping from family to either;
            families the mapping does not name use `mini`.
        device: `auto` (CUDA, then MPS, then CPU) or a name torch knows.
        dtype: `auto` (float32, except where the catalogue says otherwise on CUDA), `float32`,
            `float16` or `bfloat16`.
        offline: Refuse to download even when `fetch` is called.
        record: A file that keeps every reply of language models; see `MeteredModel.record`.

    Raises:
        InputError: If the mapping names a family that does not exist.
    """

    def __init__(
        self,
        weights: Weights | Mapping[str, Weights] = "mini",
        device: str = "auto",
        dtype: str = "auto",
        offline: bool = False,
        record: Path | None = None,
    ) -> None:
        self._weights = _choices(weights) if isinstance(weights, str) else weights
        self._record = record
        self._device_name = device
        self._dtype_name = dtype
        self._offline = offline
        self._resident: dict[str, Any] = {}
        if isinstance(self._weights, Mapping):
            for family in self._weights:
                if family != _OTHERS:
                    self._family(family)

    def __getstate__(self) -> dict[str, Any]:
        """What travels to other processes: where weights are, not the loaded models."""
        state = {**vars(self), "_resident": {}}
        state.pop("device", None)
        return state

    @cached_property
    def device(self) -> torch.device:
        """The device of the run.

        Raises:
            InputError: If it is not on this machine.
        """
        return resolve_device(self._device_name)

    def names(self) -> list[str]:
        """The model families a method may name, sorted."""
        return sorted(families())

    def protocols(self, family: str) -> tuple[type, ...]:
        """The protocols that family fulfils, known without loading it."""
        return self._family(family).protocol_types()

    def locate(self, family: str) -> None:
        """Checks that the family can be loaded: its package and its weights are here.

        Raises:
            MissingExtraError: If the package that runs it is not installed.
            MissingWeightsError: If its weights are not on this machine or cannot be read.
        """
        entry = self._family(family)
        if not entry.installed():
            raise MissingExtraError(
                f"model '{family}' needs the package '{entry.package}'",
                fix=f'pip install "openseg[{entry.extra}]"'
                if entry.extra
                else f"pip install {entry.package}",
            )
        self.folder(family)

    def folder(self, family: str) -> Path:
        """The folder of the family's checkpoint.

        Raises:
            MissingWeightsError: If it is not on this machine or holds no readable weights.
        """
        entry = self._family(family)
        choice = self._choice(family)
        if choice not in PROFILES:
            found = _in_folder(Path(choice), family, entry)
        else:
            found = self._of_profile(family, entry, str(choice))
        if not weights.has_stand_in(found, entry.stand_ins):
            weights.check_folder(found, family, entry.stand_ins)
        return found

    def source(self, family: str) -> str:
        """Where the family's weights come from, for reports: a profile with its origin."""
        choice = self._choice(family)
        if choice not in PROFILES:
            return str(choice)
        checkpoint = self._family(family).checkpoint(str(choice))
        if checkpoint is None or checkpoint.repo is None:
            return str(choice)
        return f"{choice} {checkpoint.repo}@{checkpoint.revision}"

    def fetch(self, family: str) -> Path:
        """Brings the family's weights onto this machine; the only place that downloads.

        Returns:
            The folder of the checkpoint.

        Raises:
            MissingWeightsError: If they cannot be had.
        """
        checkpoint = self._family(family).checkpoint(str(self._choice(family)))
        if checkpoint is not None and checkpoint.repo is not None:
            if self._offline:
                raise MissingWeightsError(
                    f"'{checkpoint.repo}' is not downloaded: this run is offline",
                    fix="leave out --offline",
                )
            weights.download(checkpoint)
        return self.folder(family)

    def fingerprint(self, family: str) -> str:
        """Address of weights, preprocessing, adapter code, package version, dtype and device.

        Raises:
            MissingWeightsError: If the weights are not on this machine.
        """
        entry = self._family(family)
        parts = (
            fingerprint.folder_digest(self.folder(family), entry.stand_ins),
            fingerprint.code_digest(entry.adapter.partition(":")[0]),
            entry.adapter,
            _version(entry.package),
            str(self._dtype(entry)),
            self.device.type,
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def load(self, family: str) -> Any:
        """The loaded adapter; loaded at most once while it is resident.

        Raises:
            MissingExtraError: If the package that runs it is not installed.
            MissingWeightsError: If its weights are missing or do not fit.
            NoRoomError: If they are larger than the memory that is free.
        """
        if family not in self._resident:
            self.locate(family)
            entry = self._family(family)
            adapter = _adapter(family, entry)
            place = self.folder(family), self.device, self._dtype(entry)
            memory.check_room(family, *place)
            self._resident[family] = adapter.load(*place)
            if self._record is not None and isinstance(self._resident[family], MeteredModel):
                self._resident[family].record(self._record)
        return self._resident[family]

    def free_bytes(self) -> int | None:
        """Memory that tensors on the device can still have; None where it cannot be told."""
        return memory.free_bytes(self.device)

    def forget(self) -> None:
        """Makes models forget the images they remember; see `openseg.graph.models`."""
        from openseg.models.image_memo import forget_images

        forget_images()

    def spending(self) -> dict[str, dict[str, float | str]]:
        """What each loaded model that may cost money has cost so far, by family."""
        return {
            family: adapter.spending.report()
            for family, adapter in self._resident.items()
            if isinstance(adapter, MeteredModel)
        }

    def release(self, family: str) -> None:
        """Forgets a loaded adapter and gives its memory back; `load` brings it back."""
        self._resident.pop(family, None)
        if self.device.type == "cuda":
            import torch

            torch.cuda.empty_cache()

    def _family(self, family: str) -> Family:
        known = families()
        if family not in known:
            raise InputError(f"unknown model '{family}'", fix=f"one of {', '.join(sorted(known))}")
        return known[family]

    def _choice(self, family: str) -> Weights:
        self._family(family)
        if isinstance(self._weights, Mapping):
            return self._weights.get(family, self._weights.get(_OTHERS, "mini"))
        return self._weights

    def _dtype(self, entry: Family) -> torch.dtype:
        return resolve_dtype(self._dtype_name, self.device, entry.cuda)

    def _of_profile(self, family: str, entry: Family, profile: str) -> Path:
        checkpoint = entry.checkpoint(profile)
        if checkpoint is None:
            raise MissingWeightsError(
                f"model '{family}' has no '{profile}' weights",
                fix=f"use --weights {' or '.join(entry.checkpoints)}"
                if entry.checkpoints
                else f"give a folder: --weights DIR, with the checkpoint in DIR/{family}",
            )
        if checkpoint.shipped is not None:
            folder = weights.shipped_folder(checkpoint)
            if not folder.is_dir():
                raise MissingWeightsError(
                    f"the shipped '{profile}' weights of model '{family}' are not there",
                    where=str(folder),
                    fix="install openseg again",
                )
            return folder
        cached = weights.hub_folder(checkpoint)
        if cached is None:
            raise MissingWeightsError(
                f"model '{family}': the '{profile}' weights ({checkpoint.repo}, about "
                f"{checkpoint.megabytes} MB) are not on this machine",
                fix=f"openseg fetch METHOD --weights {profile}",
            )
        return cached


_OTHERS = ""


def _choices(text: str) -> Weights | dict[str, Weights]:
    """Reads `mini,vlm=DIR`: the first for all families that are not named after it."""
    others, *named = text.split(",")
    pairs = [one.partition("=") for one in named]
    if not pairs or not all(sep and family in families() for family, sep, _ in pairs):
        return text  # a folder whose name has a comma, or one choice for all
    return {_OTHERS: others, **{family: where for family, _, where in pairs}}


def _in_folder(folder: Path, family: str, entry: Family) -> Path:
    if not folder.is_dir():
        raise MissingWeightsError(
            f"'{folder}' is neither a profile ({', '.join(PROFILES)}) nor a folder"
        )
    if (folder / family).is_dir():
        return folder / family
    if weights.is_checkpoint(folder, entry.model_types, entry.stand_ins):
        return folder
    raise MissingWeightsError(
        f"no checkpoint of model '{family}' in this folder",
        where=str(folder),
        fix=f"put it into {folder / family}",
    )


def _adapter(family: str, entry: Family) -> Any:
    """The adapter's class; an extra that is installed may still lack libraries of its own."""
    try:
        return load_object(entry.adapter)
    except ImportError as error:
        if entry.extra is None:
            raise
        raise MissingExtraError(
            f"model '{family}': the package '{entry.package}' cannot be imported: {error}"
        ) from error


@cache
def _version(package: str) -> str:
    """Cached: a package's metadata take 5 ms to read, as long as an image's outputs."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package  # another distribution of the same module
