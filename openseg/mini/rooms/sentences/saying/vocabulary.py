"""Every word of the rooms' sentences, captions, questions and answers: what tokenizers know."""

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.sentences.saying import asking, wording
from openseg.mini.rooms.sentences.saying.nouns import MASS_PARTS, plural_part
from openseg.mini.rooms.sentences.saying.speaker import Ways
from openseg.mini.rooms.vocabulary import COLOURS, FUNCTIONS, MATERIALS, Category


def words() -> list[str]:
    """The closed vocabulary of the rooms' language, sorted.

    Returns:
        Words in lower case; "'s" is one of them, without the noun before it. A tokenizer that
        splits at punctuation needs "'" and "s" as well.
    """
    texts = [*COLOURS, *MATERIALS, *FUNCTIONS.values()]
    for kind in CATEGORIES:
        texts += [kind.name, kind.plural, *kind.parts, *_plurals(kind)]
    for table in (wording, asking):
        for name, value in vars(table).items():
            if name.isupper():
                texts += _texts(value)
    return sorted(
        {word for text in texts for word in text.split() if word.islower() or word == "'s"}
    )


def _plurals(kind: Category) -> list[str]:
    return [plural_part(part) for part in kind.parts if part not in MASS_PARTS]


def _texts(value: object) -> list[str]:
    """All texts inside a wording table; slots and capitals are not words."""
    match value:
        case str():
            return [word for word in value.split() if "{" not in word and not word.isupper()]
        case tuple() | list():
            return [text for item in value for text in _texts(item)]
        case dict():
            return [text for item in value.values() for text in _texts(item)]
        case Ways(seen, unseen):
            return _texts(seen) + _texts(unseen)
        case _:
            return []
