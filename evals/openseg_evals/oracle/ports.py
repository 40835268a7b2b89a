"""What the typed ports of a method say: which values depend on the words, and whose rows are whose.

Rows follow the contract of `openseg.types.Rows`: a stage that drops, reorders or repeats regions
gives that column; without it, a stage's rows are those of the regions it reads. A stage that reads
regions of several origins, or two values of one kind of region, brings them together as new rows.

Objects of a scene are points of a cloud: of the last cloud that the node that gives them reads, or,
where it reads none, of the cloud of the objects it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from openseg.graph.graph import Graph, Node, Source
from openseg.graph.stage import signature_of
from openseg.types import Instances3D, PointCloud, Rows, TextQuery
from openseg_evals.oracle.columns import COLUMNS


@dataclass(frozen=True)
class RowSet:
    """The regions that a set of aligned columns describes.

    Attributes:
        name: The node that made the rows, or the method's input they are.
        parent: The regions they were chosen from.
        rows: Which of the parent's rows they are.
        proposed: Whether they were found where there were no regions before.
    """

    name: str
    parent: RowSet | None = None
    rows: Source | None = None
    proposed: bool = False


class Ports:
    """A method's graph, read by its types alone.

    Attributes:
        graph: The method.
        kinds: The edge type of every source, in an order in which each comes after what made it.
        row_sets: The regions that each source with a row a region describes.
        used: The sources that a node or an output reads.
        query: The query as the user gives it; None if the method takes no words.
        worded: The nodes whose values depend on the query.
        clouds: The cloud that each source's objects are points of, where it is not the scene's.
        cloud: The scene's cloud; None if the method takes none.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.kinds = {Source("", name): kind for name, kind in graph.inputs.items()}
        for node in graph.nodes.values():
            outputs = signature_of(node.stage).outputs.values()
            self.kinds |= {Source(node.name, port.name): port.kind for port in outputs}
        read = (source for node in graph.nodes.values() for source in node.inputs.values())
        self.used = {*read, *graph.outputs.values()}
        self._queries = [source for source, kind in self.kinds.items() if kind is TextQuery]
        self.query = self._queries[0] if self._queries else None
        self.worded = self.readers(*self._queries)
        self.row_sets: dict[Source, RowSet] = {
            Source("", name): RowSet(name) for name, kind in graph.inputs.items() if kind in COLUMNS
        }
        for node in graph.nodes.values():
            mine = self._row_set(node)
            columns = (one for one in self._outputs(node) if self.kinds[one] in COLUMNS)
            self.row_sets |= dict.fromkeys(columns, mine)
        given = (one for one, kind in self.kinds.items() if kind is PointCloud and not one.node)
        self.cloud = next(given, None)
        self.clouds: dict[Source, Source] = {}
        for node in graph.nodes.values():
            if (cloud := self._cloud(node)) not in (None, self.cloud):
                found = (one for one in self._outputs(node) if self.kinds[one] is Instances3D)
                self.clouds |= dict.fromkeys(found, cloud)

    def columns(self, node: Node) -> list[Source]:
        """What a node reads that has a row a region."""
        return [source for source in node.inputs.values() if source in self.row_sets]

    def made(self, node: Node) -> list[Source]:
        """What a node gives that has a row a region and that something reads."""
        return [one for one in self.row_sets if one.node == node.name and one in self.used]

    def reads_words(self, node: Node) -> bool:
        """Whether a node reads the query, or what was made of it, beside the regions."""
        others = set(node.inputs.values()) - set(self.columns(node))
        return any(self.kinds[one] is TextQuery or one.node in self.worded for one in others)

    def readers(self, *sources: Source) -> set[str]:
        """The nodes that depend on any of the sources."""
        found: set[str] = set()
        for node in self.graph.nodes.values():
            if any(one in sources or one.node in found for one in node.inputs.values()):
                found.add(node.name)
        return found

    def rankings(self) -> Iterator[Source]:
        """The rankings of regions that depend on the query and that something reads."""
        for source in self.row_sets:
            ranks = COLUMNS[self.kinds[source]].ranked is not None
            if ranks and source.node in self.worded and source in self.used:
                yield source

    def asked(self, ranking: Source) -> Source:
        """The query whose phrases a ranking is about: the last on the way, if it is rewritten."""
        return next(one for one in self._queries[::-1] if ranking.node in self.readers(one))

    def best_place(self, sources: Iterable[Source]) -> Source | None:
        """Of the sources that say where regions are, the one that says it best."""
        found = [one for one in sources if one in self.row_sets and self._is_place(one)]
        preference = list(COLUMNS)
        return min(found, key=lambda one: preference.index(self.kinds[one]), default=None)

    def place(self, regions: RowSet, before: Iterable[Source]) -> Source | None:
        """Where regions are: of all columns that say so, the best, and of these the latest.

        Args:
            regions: The regions.
            before: Sources that the column must not depend on.
        """
        late = self.readers(*before)
        mine = [one for one, rows in self.row_sets.items() if rows == regions]
        return self.best_place(one for one in reversed(mine) if one.node not in late)

    def _is_place(self, source: Source) -> bool:
        return COLUMNS[self.kinds[source]].overlap is not None

    def _row_set(self, node: Node) -> RowSet:
        read = self.columns(node)
        rows = next((one for one in self._outputs(node) if self.kinds[one] is Rows), None)
        sets = list(dict.fromkeys(self.row_sets[one] for one in read))
        places = [self.kinds[one] for one in read if self._is_place(one)]
        if len(sets) != 1 or len(set(places)) < len(places):
            return RowSet(node.name, proposed=not read)
        return RowSet(node.name, sets[0], rows) if rows else sets[0]

    def _cloud(self, node: Node) -> Source | None:
        """The cloud that a node's objects are points of; None for the scene's."""
        ports = [node.inputs[one] for one in signature_of(node.stage).inputs if one in node.inputs]
        read = [one for one in ports if self.kinds[one] is PointCloud]
        if read:
            return read[-1]
        return next((self.clouds[one] for one in ports if one in self.clouds), None)

    def _outputs(self, node: Node) -> list[Source]:
        return [Source(node.name, port) for port in signature_of(node.stage).outputs]
