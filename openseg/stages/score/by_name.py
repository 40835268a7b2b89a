"""Words that are asked for, looked up among the names that a closed-set model knows."""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import Similarity, TextEmbeddings, TextQuery


@stage("score.by_name")
class ByName(Stage):
    """A phrase stands for the known name most like it; regions of no asked-for name score 0.

    A score is the region's chance of that name times the cosine of name and phrase: of two phrases
    that mean one name, the closer takes its regions. A query without phrases asks for all names.
    """

    class Outputs(NamedTuple):
        """Regions by phrases, in [0, 1]; what was asked for, all known names if it was nothing."""

        similarity: Batch[Similarity]
        query: Batch[TextQuery]

    def run(
        self,
        classes: Batch[Similarity],
        known: Batch[TextQuery],
        names: Batch[TextEmbeddings],
        query: Batch[TextQuery],
        words: Batch[TextEmbeddings],
    ) -> Outputs:
        """Scores on every sample.

        Args:
            classes: Chances of the known classes.
            known: Their names.
            names: Vectors of the names.
            query: What is asked for.
            words: Vectors of its phrases.
        """
        outputs = self.Outputs([], [])
        columns = zip(classes, known, names, query, words, strict=True)
        for chances, all_names, vectors, asked, said in columns:
            values = chances.values
            if asked.phrases:
                alike, nearest = (said.vectors @ vectors.vectors.T).clamp(0, 1).max(dim=1)
                values = values[:, nearest] * alike
            outputs.similarity.append(Similarity(values))
            outputs.query.append(asked if asked.phrases else all_names)
        return outputs
