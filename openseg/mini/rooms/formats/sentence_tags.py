"""What a written sentence is counted under, as the plain texts that files of expressions hold."""

from openseg.mini.rooms.sentences import Sentence


def sentence_tags(sentence: Sentence) -> dict[str, str]:
    """The tags of a sentence.

    Returns:
        `construction`; `held_out`, what in it only `test_unseen` hears, joined by +, or `nothing`;
        `targets`, `none`, `one` or `several`.
    """
    tags = sentence.tags
    return {
        "construction": tags["construction"],
        "held_out": "+".join(tags["held_out"]) or "nothing",
        "targets": tags["targets"],
    }
