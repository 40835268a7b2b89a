"""Reads samples ahead of the models: the next window is made while this one is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from openseg.graph.address import digest
from openseg.graph.codec import tensors_in, to_device
from openseg.graph.graph import Sample
from openseg.graph.run.failure import input_failure, let_go
from openseg.types.errors import InputError, OpensegError

WINDOW_BYTES = 64 * 1024**2
"""A window is closed early once its inputs hold more: a large photo may have a hundred masks of its
own size, so large photos come in smaller windows."""

Marked = tuple[Sample, bool]
"""A sample, and whether a window ends with it at the latest."""


@dataclass(frozen=True)
class Read:
    """A sample whose inputs have been read.

    Attributes:
        id: The sample's id.
        values: The inputs that could be read, on the run's device; taken out once they are used.
        addresses: Their content addresses.
        faults: Why the others could not.
    """

    id: str
    values: dict[str, Any]
    addresses: Mapping[str, str]
    faults: Mapping[str, OpensegError]


def marked(samples: Iterable[Sample], size: int, begun: int = 0) -> Iterator[Marked]:
    """Ends a window after every so many samples.

    Large samples end it earlier, and then one more ends where it would have ended: wherever a run
    is cut at a multiple of the size, its parts have the windows of the whole.

    Args:
        samples: The samples.
        size: The most samples in a window.
        begun: How many samples of the run came before these.
    """
    return ((sample, place % size == 0) for place, sample in enumerate(samples, begun + 1))


def windows(
    samples: Iterable[Marked], kinds: Mapping[str, type], device: Any
) -> Iterator[list[Read]]:
    """Groups samples into windows, reading one window ahead in a thread.

    Args:
        samples: The samples; pulled in the thread.
        kinds: The edge type of every input the methods have; other inputs are not kept.
        device: Where tensors are put.

    Yields:
        Windows of at least one sample, in order.

    Raises:
        Exception: Whatever `samples` raises, after the samples before it.
    """
    reader = _Reader(samples, kinds, device)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="openseg-read") as thread:
        try:
            ahead = thread.submit(reader.window)
            while window := ahead.result():
                ahead = thread.submit(reader.window)
                yield window
        finally:
            reader.left = True  # the thread stops after the sample it is reading
    if reader.error is not None:
        raise reader.error


class _Reader:
    """Pulls and reads samples; used by one thread at a time."""

    def __init__(self, samples: Iterable[Marked], kinds: Mapping[str, type], device: Any) -> None:
        self.samples = samples
        self.iterator: Iterator[Marked] | None = None
        self.kinds = kinds
        self.device = device
        self.left = False
        self.error: Exception | None = None

    def window(self) -> list[Read]:
        """The next window; empty at the end of the samples or where they broke off."""
        window: list[Read] = []
        held: dict[int, int] = {}  # by place in memory: what samples share is there once
        last = False
        while not last and sum(held.values()) < WINDOW_BYTES and not self.left:
            found = self._next()
            if found is None:
                break
            sample, last = found
            window.append(self._read(sample))
            held |= {
                tensor.data_ptr(): tensor.nbytes
                for value in window[-1].values.values()
                for _, tensor in tensors_in(value)
            }
        return window

    def _next(self) -> Marked | None:
        try:
            if self.iterator is None:
                self.iterator = iter(self.samples)
            return next(self.iterator, None) if self.error is None else None
        except Exception as error:  # noqa: BLE001 - raised again where the outcomes are read
            self.error = error
            return None

    def _read(self, sample: Sample) -> Read:
        try:
            given = sample.read()
        except Exception as error:  # noqa: BLE001 - whatever reading raises is this sample's error
            let_go(error)
            failure = input_failure(error, sample.id)
            return Read(sample.id, {}, {}, dict.fromkeys(self.kinds, failure))
        values: dict[str, Any] = {}
        addresses: dict[str, str] = {}
        faults: dict[str, OpensegError] = {}
        for name, kind in self.kinds.items():
            try:
                value = _checked(given, name, kind)
                addresses[name] = digest(value)
                values[name] = to_device(value, self.device)
            except Exception as error:  # noqa: BLE001 - as above; also a device without room
                let_go(error)
                faults[name] = input_failure(error, sample.id)
        return Read(sample.id, values, addresses, faults)


def _checked(given: Mapping[str, Any], name: str, kind: type) -> Any:
    if name not in given:
        raise InputError(f"input '{name}' ({kind.__name__}) is missing")
    if type(given[name]) is not kind:
        raise InputError(
            f"input '{name}' must be {kind.__name__}, not {type(given[name]).__name__}"
        )
    return given[name]
