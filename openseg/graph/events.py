"""What a run tells those who watch it: small frozen records, handed to plain callables.

Progress bars, `run.json`, the report and the viewer are listeners. Listeners are called in the
thread that iterates over the outcomes, one event after the other; what a listener raises ends the
run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from openseg.types.errors import OpensegError


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins; no sample has been read yet.

    Attributes:
        total: Number of samples, or None if the samples have no length.
        nodes: Names of the nodes in the order in which they run.
        methods: For each method of the run, the names of the nodes it uses.
    """

    total: int | None
    nodes: tuple[str, ...]
    methods: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """A node begins on a window of samples.

    Attributes:
        node: The node's name.
        samples: How many samples of the window reach it.
    """

    node: str
    samples: int


@dataclass(frozen=True, slots=True)
class NodeAdvanced:
    """A node finished one batch.

    Attributes:
        node: The node's name.
        samples: How many of the node's `computed` results the batch gave or failed to give.
    """

    node: str
    samples: int


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """A node is done with a window of samples.

    Attributes:
        node: The node's name.
        samples: How many samples of the window reached it. Equal inputs are answered together, and
            what is only read by cached nodes is not needed, so fewer may be computed or cached.
        computed: How many results were computed, failed ones included.
        cached: How many were read from the disk cache, or known from the window before.
        calls: How often the stage's `run` was called.
        seconds: Wall time of the node: calls, checks and cache reads; without loading models.
        run_seconds: The part of `seconds` spent inside `run`, until the device was done.
        peak_bytes: On a CUDA device, the most memory its tensors held while the node ran. On the
            CPU, resident memory of the whole process: exact if the node set the process's record,
            else the larger of its values before and after. 0 if nothing was computed.
    """

    node: str
    samples: int
    computed: int
    cached: int
    calls: int
    seconds: float
    run_seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """A model family was loaded because a node needed it.

    Attributes:
        family: The family's name.
        seconds: Wall time of loading.
    """

    family: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BatchHalved:
    """A batch did not fit into memory, or the next one would not; the node takes smaller ones.

    Attributes:
        node: The node's name.
        batch: Samples in the next batch.
    """

    node: str
    batch: int


@dataclass(frozen=True, slots=True)
class CacheFault:
    """The disk cache could not be used; the run goes on without that entry.

    Attributes:
        message: What happened, where, and what became of it.
        lasting: True if nothing more is written to the cache in this run.
    """

    message: str
    lasting: bool


@dataclass(frozen=True, slots=True)
class SampleFailed:
    """A method gave no result for a sample; `SampleFinished` follows.

    Attributes:
        id: The sample's id.
        method: Name of the method that failed on it.
        failure: What went wrong; `__cause__` is the exception as it was raised.
    """

    id: str
    method: str
    failure: OpensegError


@dataclass(frozen=True, slots=True)
class SampleFinished:
    """A sample is done, well or badly; its outcome is handed out next.

    Attributes:
        id: The sample's id.
    """

    id: str


@dataclass(frozen=True, slots=True)
class WindowFinished:
    """Every outcome of a window has been handed out and worked on by who asked for it.

    A run that is taken up again at the end of a window makes the same batches as one that was
    never stopped.

    Attributes:
        samples: Samples of the window.
    """

    samples: int


@dataclass(frozen=True, slots=True)
class RunFinished:
    """Every sample is done; not sent by a run that is left or broken off.

    Attributes:
        samples: Number of samples.
        failed: How many of them failed in at least one method.
        seconds: Wall time since `RunStarted`.
    """

    samples: int
    failed: int
    seconds: float


Event = (
    RunStarted
    | NodeStarted
    | NodeAdvanced
    | NodeFinished
    | ModelLoaded
    | BatchHalved
    | CacheFault
    | SampleFailed
    | SampleFinished
    | WindowFinished
    | RunFinished
)
Listener = Callable[[Event], None]


@dataclass(slots=True)
class NodeTiming:
    """Sums over the windows of a run for one node; see `NodeFinished` for what each measures.

    Attributes:
        samples: Samples that reached the node.
        computed: Results computed.
        cached: Results read from the disk cache, or known from the window before.
        calls: Calls of the stage's `run`.
        seconds: Wall time of the node in seconds.
        run_seconds: Its part inside `run`.
        peak_bytes: The largest of the windows.
    """

    samples: int = 0
    computed: int = 0
    cached: int = 0
    calls: int = 0
    seconds: float = 0.0
    run_seconds: float = 0.0
    peak_bytes: int = 0


class Timings:
    """A listener that adds up what a run cost.

    Attributes:
        nodes: Sums by node, in the order in which nodes run.
        models: Seconds spent loading each model family.
        samples: Samples finished, failed ones included.
        seconds: Wall time of the run; 0 until it finished.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, NodeTiming] = {}
        self.models: dict[str, float] = {}
        self.samples = 0
        self.seconds = 0.0

    def __call__(self, event: Event) -> None:
        """Takes in one event."""
        match event:
            case RunStarted(nodes=names):
                self.nodes.update((name, NodeTiming()) for name in names)
            case NodeFinished():
                self._add(self.nodes.setdefault(event.node, NodeTiming()), event)
            case ModelLoaded(family=family, seconds=seconds):
                self.models[family] = self.models.get(family, 0.0) + seconds
            case SampleFinished():
                self.samples += 1
            case RunFinished(seconds=seconds):
                self.seconds = seconds
            case _:
                pass

    @property
    def peak_bytes(self) -> int:
        """The largest peak of any node, in bytes; 0 before any node finished."""
        return max((node.peak_bytes for node in self.nodes.values()), default=0)

    @staticmethod
    def _add(total: NodeTiming, event: NodeFinished) -> None:
        total.samples += event.samples
        total.computed += event.computed
        total.cached += event.cached
        total.calls += event.calls
        total.seconds += event.seconds
        total.run_seconds += event.run_seconds
        total.peak_bytes = max(total.peak_bytes, event.peak_bytes)
