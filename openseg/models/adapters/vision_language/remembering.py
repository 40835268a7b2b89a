"""Replies kept in memory, so that a run asks nothing twice.

A stage that fails on one sample is called again for the others: their questions, which may have
cost money, are answered from here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from openseg.models.adapters.vision_language.recorded import (
    SpendingVisionLanguage,
    question_address,
)
from openseg.models.protocols import Reply, VisualQuestion
from openseg.models.reply_errors import ReplyError

MOST = 10_000


class RememberingVisionLanguage:
    """`VisionLanguage` that passes on what was not asked lately.

    What went wrong is asked again.

    Args:
        inner: Who answers.
        most: Most replies that are kept.

    Attributes:
        wording: That of the one who answers.
        spending: What asking has cost so far.
    """

    def __init__(self, inner: SpendingVisionLanguage, most: int = MOST) -> None:
        self._inner = inner
        self._most = most
        self._replies: OrderedDict[str, Reply] = OrderedDict()
        self.wording = inner.wording
        self.spending = inner.spending

    def ask(self, questions: Sequence[VisualQuestion], max_tokens: int) -> list[Reply | ReplyError]:
        """Asks what is not known yet; see `openseg.models.protocols.VisionLanguage.ask`."""
        addresses = [question_address(one, max_tokens) for one in questions]
        found: dict[str, Reply | ReplyError] = {
            address: self._replies[address] for address in addresses if address in self._replies
        }
        new = {
            address: question
            for address, question in zip(addresses, questions, strict=True)
            if address not in found
        }
        found.update(zip(new, self._inner.ask(list(new.values()), max_tokens), strict=True))
        for address, reply in found.items():
            if isinstance(reply, Reply):
                self._replies[address] = reply
                self._replies.move_to_end(address)
        while len(self._replies) > self._most:
            self._replies.popitem(last=False)
        return [found[address] for address in addresses]
