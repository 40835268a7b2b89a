"""Ten ablations that share their proposals, run together, against one run."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from openseg.api.inputs import Request, samples_of
from openseg.graph.executor import execute_many
from openseg.graph.graph import Graph
from openseg.graph.loader import load
from openseg.models.store import ModelStore
from openseg_evals.bench.clock import in_turn
from openseg_evals.bench.pictures import pictures
from openseg_evals.bench.rows import Floor, Row, of_times
from openseg_evals.bench.settings import Settings
from openseg_evals.bench.weights import checkpoints

WORDS = "red cup; blue ball; the hat"
TEMPLATES = ("{}", "a {}", "a photo of {}", "a picture of {}", "there is {}")
VARIANTS = [
    [f'words.templates=["{template}"]', f"choose.min_similarity={least}"]
    for template in TEMPLATES
    for least in (-1.0, 0.2)
]


def measure(settings: Settings) -> Iterator[Row]:
    """Ten ways of asking `clip_ranked_masks`, over the same images."""
    store = ModelStore(checkpoints(settings, "sam", "clip"), settings.device)
    grid = ["propose.points_per_side=8"] if settings.slow else []
    graphs = [load("clip_ranked_masks", store, [*sets, *grid]) for sets in VARIANTS]
    pairs = settings.pairs(2 if settings.slow else 3)
    count = 4 if settings.full and not settings.slow else 1

    def run(some: list[Graph], number: int) -> list[list[Tensor]]:
        paths = pictures(settings.folder, count, (240, 320), first=number * count)
        named = {path.stem: path for path in paths}
        samples = samples_of(some[0], named, Request(text=WORDS), store.device)
        return [
            [one.outputs["scores"].values for one in outcomes]
            for outcomes in execute_many(some, samples, store)
        ]

    # Each run of one graph has images of its own, so that no model remembers them.
    together = run(graphs, 0)
    # Any two do: the first has no lower bound of similarity, the last has one.
    apart = {place: run([graphs[place]], 0) for place in (0, len(graphs) - 1)}
    equal = all(
        torch.equal(row[place], alone[sample][0])
        for sample, row in enumerate(together)
        for place, alone in apart.items()
    )
    yield of_times(
        "ablations",
        f"one of the {len(graphs)} alone",
        in_turn(
            lambda number: run(graphs, 2 * number),
            lambda number: run(graphs[:1], 2 * number + 1),
            pairs,
            settings.device,
        ),
        Floor("at most", 1.6),
        (equal, f"the first and the last of {len(graphs)} give what they give alone, bit for bit"),
    )
