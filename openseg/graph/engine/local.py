"""The engine of one process: the models, and a thread that reads ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from openseg.graph.engine.work import Done, Item, Work
from openseg.graph.events import Listener
from openseg.graph.run.progress import Progress
from openseg.graph.run.reading import marked


class LocalEngine:
    """Works in the process that asks; see `openseg.graph.engine.work.Engine`."""

    shares_folders = True

    def over(
        self,
        work: Work[Item, Done],
        items: Sequence[Item],
        begun: int,
        listeners: Sequence[Listener],
    ) -> Iterator[Done]:
        """Works through items, in order."""
        progress = Progress(work.plan, listeners)
        progress.begin(len(items))
        with closing(work.runner(progress)) as runner:
            outcomes = runner.over(marked(work.feed(items), work.window, begun))
            for item, found in zip(items, outcomes, strict=True):
                yield work.finish(item, found)
        progress.end()
