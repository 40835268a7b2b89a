"""The wording tables of captions, questions and answers, held-out ways marked."""

from openseg.mini.rooms.sentences.meaning.outline import SHAPES
from openseg.mini.rooms.sentences.saying.speaker import Ways

SHAPE_WORDS = SHAPES
"""Answers about shapes."""

PLACES_SHOWN: dict[str, Ways] = {
    "tabletop": Ways(("", "a view of", "a close view of"), ("this is",)),
    "corner": Ways(("", "a corner with", "a corner of a room with"), ("this is a corner with",)),
    "room": Ways(("", "a room with", "a view of a room with"), ("this is a room with",)),
}
"""How a caption begins, by what the scene shows."""

QUESTIONS: dict[str, Ways] = {
    "describe": Ways(("describe it", "describe this thing", "what is this"), ("describe this",)),
    "category": Ways(("what is it", "what is this thing"), ("what kind of thing is it",)),
    "colour": Ways(
        ("what colour is it", "which colour does it have"), ("what is the colour of this thing",)
    ),
    "material": Ways(
        ("what pattern or material is it", "which pattern or material does it have"),
        ("what is the pattern or material of this thing",),
    ),
    "size": Ways(("is it small or large", "is it large or small"), ("what size is it",)),
    "shape": Ways(("what shape is it", "which shape does it have"), ("what is the shape of it",)),
    "parts": Ways(
        ("what parts does it have", "which parts does it have"), ("what are the parts of it",)
    ),
    "part colour": Ways(
        ("what colour {are} its {part}", "which colour {do} its {part} have"),
        ("what is the colour of its {part}",),
    ),
    "place": Ways(("what is it on", "where is it"), ("what is this thing on",)),
    "carried": Ways(("what is on it", "what stands on it"), ("what is on this thing",)),
    "function": Ways(("what is it for", "what can you do with it"), ("what is this thing for",)),
    "use": Ways(("what can you use {use}", "which thing is there {use}"), ("what is there {use}",)),
    "surroundings": Ways(
        ("what is {relation} it", "which thing is {relation} it"), ("what is there {relation} it",)
    ),
    "count": Ways(("how many {things} are there",), ("what is the number of {things}",)),
    "is colour": Ways(("is it {word}", "is this thing {word}"), ("does it look {word}",)),
    "is material": Ways(("is it {word}", "is this thing {word}"), ("does it look {word}",)),
    "is category": Ways(("is it {word}", "is this {word}"), ("is this thing {word}",)),
    "has part": Ways(
        ("does it have {part}", "does this thing have {part}"), ("is there {part} on it",)
    ),
    "has function": Ways(
        ("is it something {use}", "is this something {use}"), ("is this a thing {use}",)
    ),
    "is there": Ways(("is there {thing}", "can you see {thing}"), ("do you see {thing}",)),
    "is related": Ways(("is it {relation} {thing}",), ("is this thing {relation} {thing}",)),
    "choose colour": Ways(("is it {a} or {b}",), ("is this thing {a} or {b}",)),
    "choose material": Ways(("is it {a} or {b}",), ("is this thing {a} or {b}",)),
    "choose category": Ways(("is it {a} or {b}",), ("is this {a} or {b}",)),
    "choose relation": Ways(
        ("is it {a} or {b} {thing}",), ("is this thing {a} or {b} {thing}",)
    ),
    "choose larger": Ways(
        ("which is larger {a} or {b}", "what is larger {a} or {b}"),
        ("which of the two is larger {a} or {b}",),
    ),
}  # fmt: skip
"""Questions by kind."""

ANSWERS = ("yes", "no", "nothing", "the floor", "the wall", "small", "large")
"""Answers that are no description."""

ASKING_WORDS = "is are do does have and or with on left right of the a an it its this"
"""Words that the makers of captions, questions and answers write themselves."""
