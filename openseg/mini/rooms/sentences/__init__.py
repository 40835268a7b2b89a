"""Sentences about scenes and pictures of them, each with exactly the things it is true of.

`sentences` makes them, `sight_of` says what a picture shows; captions and questions are made from
the same facts and know the same held-out combinations.
"""

from openseg.mini.rooms.sentences.captions import Caption, Mention, captions
from openseg.mini.rooms.sentences.constructions import CONSTRUCTIONS, Construction
from openseg.mini.rooms.sentences.held_out import UNSEEN_CONSTRUCTIONS, HeldOut
from openseg.mini.rooms.sentences.meaning.forms import Form
from openseg.mini.rooms.sentences.meaning.sight import Seen, Sight, sight_of
from openseg.mini.rooms.sentences.questions import KINDS, Question, questions
from openseg.mini.rooms.sentences.saying.phrase import LABELS, Label, Phrase
from openseg.mini.rooms.sentences.saying.vocabulary import words
from openseg.mini.rooms.sentences.sentence import Sentence, Tags, balanced, sentences

__all__ = [
    "CONSTRUCTIONS",
    "KINDS",
    "LABELS",
    "UNSEEN_CONSTRUCTIONS",
    "Caption",
    "Construction",
    "Form",
    "HeldOut",
    "Label",
    "Mention",
    "Phrase",
    "Question",
    "Seen",
    "Sentence",
    "Sight",
    "Tags",
    "balanced",
    "captions",
    "questions",
    "sentences",
    "sight_of",
    "words",
]
