"""What the engine needs to know of models, without knowing any: the border to `openseg.models`."""

from __future__ import annotations

from typing import Any, Protocol


class ModelProvider(Protocol):
    """Hands out loaded adapters; `openseg.models.store.ModelStore` is the one there is."""

    @property
    def device(self) -> Any:
        """The `torch.device` of the run: every tensor on an edge lies there."""

    def names(self) -> list[str]:
        """The model families a method may name, sorted."""
        ...

    def protocols(self, family: str) -> tuple[type, ...]:
        """The protocols that family fulfils, known without loading it."""
        ...

    def locate(self, family: str) -> None:
        """Checks that the family's weights are on this machine.

        Raises:
            openseg.types.errors.MissingWeightsError: If not; the message says how to get them.
            openseg.types.errors.MissingExtraError: If a package it needs is not installed.
        """
        ...

    def fingerprint(self, family: str) -> str:
        """Address of the weights with their preprocessing, adapter code, dtype and device."""
        ...

    def load(self, family: str) -> Any:
        """The loaded adapter; loaded at most once while it is resident.

        Raises:
            openseg.types.errors.NoRoomError: If memory has no room for it.
        """
        ...

    def release(self, family: str) -> None:
        """Gives up a loaded adapter; its memory is free once nobody else holds it."""
        ...

    def free_bytes(self) -> int | None:
        """Memory that the run can still have on its device; None where it cannot be told."""
        ...

    def forget(self) -> None:
        """Makes loaded models forget what they remember of earlier inputs.

        What is computed once in a batch is not recomputed bit by bit in another: models that
        remember would give a window other last bits than they give it alone.
        """
        ...
