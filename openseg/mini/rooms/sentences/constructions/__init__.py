"""All constructions: each proposes logical forms, a checker decides which are kept."""

from openseg.mini.rooms.sentences.constructions.absent import ABSENT
from openseg.mini.rooms.sentences.constructions.attribute import ATTRIBUTES
from openseg.mini.rooms.sentences.constructions.between import BETWEEN
from openseg.mini.rooms.sentences.constructions.construction import Construction
from openseg.mini.rooms.sentences.constructions.distance import Distance
from openseg.mini.rooms.sentences.constructions.function import Function
from openseg.mini.rooms.sentences.constructions.negation import NEGATIONS
from openseg.mini.rooms.sentences.constructions.ordinal import ORDINALS
from openseg.mini.rooms.sentences.constructions.part import PARTS
from openseg.mini.rooms.sentences.constructions.relation import RELATIONS
from openseg.mini.rooms.sentences.constructions.several import SEVERAL
from openseg.mini.rooms.sentences.constructions.superlative import SUPERLATIVES

CONSTRUCTIONS: tuple[Construction, ...] = (
    *ATTRIBUTES,
    *PARTS,
    *RELATIONS,
    *BETWEEN,
    Distance(),
    *ORDINALS,
    *SUPERLATIVES,
    *NEGATIONS,
    Function(),
    *SEVERAL,
    *ABSENT,
)
"""All constructions, held-out ones among them."""

__all__ = ["CONSTRUCTIONS", "Construction"]
