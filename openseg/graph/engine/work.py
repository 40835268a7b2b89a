"""What an engine is given and gives back; the one seam between a run and where it is worked on.

Every engine gives the same bytes: windows are cut by the samples' order alone, and what a window
gives depends on nothing outside of it (see `openseg.graph.run.runner`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from openseg.graph.cache import Cache
from openseg.graph.events import Listener
from openseg.graph.graph import Graph, Outcome, Sample
from openseg.graph.models import ModelProvider
from openseg.graph.run.plan import Plan, merge
from openseg.graph.run.runner import Runner

Item = TypeVar("Item")
Done = TypeVar("Done")


@dataclass(frozen=True)
class Work(Generic[Item, Done]):
    """All that must be known to bring items to results; Ray moves it to other machines.

    Attributes:
        graphs: The methods, run together.
        models: Where models come from; travels without those that are loaded.
        feed: Makes the samples of items, one each, in order.
        finish: Brings the outcomes of an item, one a method, to what is kept of it.
        window: The most samples in work at once.
        batch: The most samples a stage gets in one call.
        cache: Where outputs of nodes are kept across runs; None for nowhere.
        run: A name of the run's own, the same when it is taken up again: what it has put into the
            cache is for other runs.
    """

    graphs: Sequence[Graph]
    models: ModelProvider
    feed: Callable[[Sequence[Item]], Iterable[Sample]]
    finish: Callable[[Item, tuple[Outcome, ...]], Done]
    window: int
    batch: int
    cache: Cache | None
    run: str

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        """The fingerprint of every model family of the methods; reads their weights once."""
        families = {family for graph in self.graphs for family in graph.families()}
        return {family: self.models.fingerprint(family) for family in families}

    @cached_property
    def plan(self) -> Plan:
        """The merged methods."""
        return merge(self.graphs, self.fingerprints)

    def runner(self, emit: Listener) -> Runner:
        """What runs it in this process."""
        return Runner(self.plan, self.models, self.batch, self.cache, self.run, emit)


class Engine(Protocol):
    """Brings items to results."""

    @property
    def shares_folders(self) -> bool:
        """Whether `Work.finish` can write where the run is kept; if not, it gives what to write."""

    def over(
        self,
        work: Work[Item, Done],
        items: Sequence[Item],
        begun: int,
        listeners: Sequence[Listener],
    ) -> Iterator[Done]:
        """Works through items.

        Args:
            work: What is done with each.
            items: What is left of a run's items.
            begun: How many came before them: their windows are those of an undisturbed run.
            listeners: Told of everything, in the order of the items.

        Yields:
            What `work.finish` gave for each item, in order.

        Raises:
            OpensegError: If a model cannot be loaded, or the engine cannot work.
        """
        ...
