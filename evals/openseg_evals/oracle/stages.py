"""The stages that put truth into a graph; a class is made for each edge type of the table.

None is registered: methods cannot name them, only `openseg_evals.oracle.variants` uses them.
"""

# No `from __future__ import annotations`: ports are annotated with types known when a class is
# made.
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from openseg.graph.stage import Batch, Stage
from openseg.types import Phrases, PointCloud, Rows, Scores, TextQuery
from openseg_evals.oracle.columns import COLUMNS
from openseg_evals.oracle.overlap import Overlap
from openseg_evals.oracle.truth import Truth

if TYPE_CHECKING:
    from numpy import intp
    from numpy.typing import NDArray

_NO_WORDS = TextQuery("", ())


@cache
def true_value(kind: type, *, worded: bool = True) -> type[Stage]:
    """The stage that gives the truth as a value of a type, a row a true region.

    Args:
        kind: The type.
        worded: Whether the value tells what each region is.
    """

    class Outputs(NamedTuple):
        value: Batch[kind]  # type: ignore[valid-type]

    if not worded:

        class TrueRegions(Stage):
            """The true regions, and not what they are."""

            name = f"oracle.unnamed_{kind.__name__.lower()}"

            def run(self, truth: Batch[Truth]) -> Outputs:
                make = COLUMNS[kind].true
                assert make is not None  # noqa: S101 (callers ask for what the table has)
                return Outputs([make(one, _NO_WORDS) for one in truth])

        return TrueRegions

    class TrueValue(Stage):
        """The truth itself."""

        name = f"oracle.true_{kind.__name__.lower()}"

        def run(self, truth: Batch[Truth], query: Batch[TextQuery] | None = None) -> Outputs:
            words = [_NO_WORDS] * len(truth) if query is None else query
            make = COLUMNS[kind].true
            assert make is not None  # noqa: S101 (callers ask for what the table has)
            return Outputs([make(one, said) for one, said in zip(truth, words, strict=True)])

    return TrueValue


@cache
def taken(kind: type) -> type[Stage]:
    """The stage that takes rows of a value of a type."""

    class Outputs(NamedTuple):
        value: Batch[kind]  # type: ignore[valid-type]

    class Taken(Stage):
        """The rows of an index."""

        name = f"oracle.taken_{kind.__name__.lower()}"

        def run(self, value: Batch[kind], rows: Batch[Rows]) -> Outputs:  # type: ignore[valid-type]
            pairs = zip(value, rows, strict=True)
            return Outputs([COLUMNS[kind].take(one, some.index) for one, some in pairs])

    return Taken


@cache
def overlap_of(kind: type) -> type[Stage]:
    """The stage that compares regions of a type with the true ones."""

    class Outputs(NamedTuple):
        overlap: Batch[Overlap]

    class OverlapOf(Stage):
        """Overlap of every region with every true one."""

        name = f"oracle.overlap_of_{kind.__name__.lower()}"

        def run(self, regions: Batch[kind], truth: Batch[Truth]) -> Outputs:  # type: ignore[valid-type]
            measure = COLUMNS[kind].overlap
            assert measure is not None  # noqa: S101 (callers ask for what the table has)
            pairs = zip(regions, truth, strict=True)
            return Outputs([Overlap(measure(some, true)) for some, true in pairs])

    return OverlapOf


@cache
def ranked(kind: type) -> type[Stage]:
    """The stage that ranks regions by their overlap with the truth, as a value of a type."""

    class Outputs(NamedTuple):
        value: Batch[kind]  # type: ignore[valid-type]

    class Ranked(Stage):
        """Regions ranked by overlap; `asked` is the query whose phrases the ranking is about."""

        name = f"oracle.ranked_{kind.__name__.lower()}"

        def run(
            self,
            overlap: Batch[Overlap],
            truth: Batch[Truth],
            query: Batch[TextQuery],
            asked: Batch[TextQuery],
        ) -> Outputs:
            rank = COLUMNS[kind].ranked
            assert rank is not None  # noqa: S101 (callers ask for what the table has)
            rows = zip(overlap, truth, query, asked, strict=True)
            return Outputs(
                [
                    rank(one.values, true.classes(said), tuple(p.class_id for p in put.phrases))
                    for one, true, said, put in rows
                ]
            )

    return Ranked


@cache
def corrected(kind: type) -> type[Stage]:
    """The stage that puts true rows in the place of those a stage made."""

    class Outputs(NamedTuple):
        value: Batch[kind]  # type: ignore[valid-type]

    class Corrected(Stage):
        """Each row replaced by the true region that it stands for."""

        name = f"oracle.corrected_{kind.__name__.lower()}"

        def run(
            self,
            value: Batch[kind],  # type: ignore[valid-type]
            truth: Batch[Truth],
            rows: Batch[Rows],
        ) -> Outputs:
            correct = COLUMNS[kind].corrected
            assert correct is not None  # noqa: S101 (callers ask for what the table has)
            columns = zip(value, truth, rows, strict=True)
            return Outputs([correct(one, true, some.index) for one, true, some in columns])

    return Corrected


@cache
def named(kind: type) -> type[Stage]:
    """The stage that gives regions of a type other scores and phrases."""

    class Outputs(NamedTuple):
        value: Batch[kind]  # type: ignore[valid-type]

    class Renamed(Stage):
        """The same regions, scored and named by someone else."""

        name = f"oracle.named_{kind.__name__.lower()}"

        def run(
            self,
            value: Batch[kind],  # type: ignore[valid-type]
            scores: Batch[Scores],
            phrases: Batch[Phrases],
        ) -> Outputs:
            change = COLUMNS[kind].named
            assert change is not None  # noqa: S101 (callers ask for what the table has)
            columns = zip(value, scores, phrases, strict=True)
            return Outputs([change(one, worth, words) for one, worth, words in columns])

    return Renamed


class Carry(Stage):
    """The truth of a scene as points of another cloud: each has what the nearest point has."""

    name = "oracle.carry"

    class Outputs(NamedTuple):
        """The same true objects; those that no point is near to have none."""

        truth: Batch[Truth]

    def run(
        self, truth: Batch[Truth], cloud: Batch[PointCloud], target: Batch[PointCloud]
    ) -> Outputs:
        """Carries the truth of every scene from its cloud to the target."""
        columns = zip(truth, cloud, target, strict=True)
        return self.Outputs([one.on(old, new) for one, old, new in columns])


class Match(Stage):
    """For each region the true one it overlaps most, -1 if it overlaps none."""

    name = "oracle.match"

    class Outputs(NamedTuple):
        """Rows of the truth."""

        rows: Batch[Rows]

    def run(self, overlap: Batch[Overlap]) -> Outputs:
        """Matches on every sample; several regions may stand for one true region."""
        import torch

        found = []
        for one in overlap:
            # The first column stands for no true region; of equal overlaps the first wins.
            nothing = one.values.new_zeros(len(one.values), 1)
            found.append(Rows(torch.cat([nothing, one.values], dim=1).argmax(dim=1) - 1))
        return self.Outputs(found)


class Choice(Stage):
    """The best of the regions there are: each true region keeps one, the others are dropped.

    Within a class no region is kept twice, and the sum of overlaps is as large as can be. A region
    may serve several classes, as if it had been scored against each.
    """

    name = "oracle.choice"

    class Outputs(NamedTuple):
        """The regions kept, with their overlap and the phrase of the truth they are kept for."""

        rows: Batch[Rows]
        scores: Batch[Scores]
        phrases: Batch[Phrases]

    def run(self, overlap: Batch[Overlap], truth: Batch[Truth], query: Batch[TextQuery]) -> Outputs:
        """Chooses on every sample, in the order of the true regions."""
        outputs = self.Outputs([], [], [])
        for one, true, said in zip(overlap, truth, query, strict=True):
            pairs = _assign(one, true, said)
            rows = true.phrases.new_tensor([region for region, _ in pairs])
            kept_for = true.phrases.new_tensor([place for _, place in pairs])
            outputs.rows.append(Rows(rows))
            outputs.scores.append(Scores(one.values[rows, kept_for]))
            phrases = true.phrases[kept_for].tolist()
            outputs.phrases.append(Phrases(tuple(said.phrases[i] for i in phrases)))
        return outputs


def _assign(overlap: Overlap, truth: Truth, query: TextQuery) -> list[tuple[int, int]]:
    """Pairs of a region and a true region that overlap, in the order of the latter."""
    from scipy.optimize import linear_sum_assignment

    values = overlap.values.numpy(force=True)
    classes = truth.classes(query).numpy(force=True)
    pairs: list[tuple[int, int]] = []
    for one in set(classes.tolist()):
        columns: NDArray[intp] = (classes == one).nonzero()[0]
        regions, places = linear_sum_assignment(values[:, columns], maximize=True)
        pairs += zip(regions.tolist(), columns[places].tolist(), strict=True)
    return sorted((pair for pair in pairs if values[pair] > 0), key=lambda pair: pair[1])
