"""Single samples of an evaluation, where its data set is at hand: pictures, and what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openseg.types.errors import InputError, UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.report.gallery import Case, gallery
from openseg_evals.run.benchmark import Source
from openseg_evals.run.share import share_of
from openseg_evals.samples import EvalSample
from openseg_evals.tasks.registry import find_task
from openseg_ui.server.evaluations import Evaluation


@dataclass(frozen=True)
class Samples:
    """The samples of an evaluation.

    Attributes:
        task: How answers are written, a name of `openseg_evals.tasks`.
        samples: In the order of the run.
    """

    task: str
    samples: Sequence[EvalSample]

    def of_unit(self, unit: str) -> EvalSample:
        """The first sample of a unit.

        Raises:
            UserError: If there is none.
        """
        for one in self.samples:
            if one.unit == unit:
                return one
        raise UserError(f"the evaluation has no unit '{unit}'", fix="choose one of its table")


def read_samples(found: Evaluation, data: Path) -> Samples:
    """The samples of an evaluation, from its data set.

    Args:
        found: The evaluation.
        data: The folder of data sets.

    Raises:
        UserError: If the data set does not lie there.
    """
    benchmark = found.identity["benchmark"]
    source = Source.model_validate(benchmark["dataset"])
    folder = source.under(data)
    if not folder.is_dir():
        raise InputError("the data set of this evaluation is not here", where=str(folder))
    dataset = load_dataset(source.use, folder, dict(source.options))
    return Samples(benchmark["task"], share_of(dataset.samples, found.identity.get("limit"), None))


def cases_of(found: Evaluation, there: Samples, pipeline: str) -> Mapping[str, Sequence[Case]]:
    """Best, median and worst cases of a pipeline.

    Raises:
        InputError: If its predictions are not in the folder any more.
    """
    folder = found.folder / "predictions" / pipeline
    if not folder.is_dir():
        raise InputError("the predictions are not here any more", where=str(folder))
    predictions = find_task(there.task)(folder, dict(found.results["conventions"]))
    return gallery(
        pipeline,
        found.units,
        there.samples,
        predictions,
        higher_is_better=found.results["higher_is_better"],
    )
