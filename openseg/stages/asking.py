"""Asks a language model a prompt about many things, and keeps what came of every question.

A bad answer is asked for once more in other words and is then missing. What only the network did
(no reply in time, too many requests) is nobody's answer: it fails the sample, so that nothing is
stored and a later run asks again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.models.protocols import Reply, VisionLanguage, VisualQuestion
from openseg.models.reply_errors import ReplyError, UnusableReplyError
from openseg.stages.answer_shape import BadAnswerError
from openseg.stages.prompt_files import PictureKind, read_prompt
from openseg.types import Answer

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Inquiry:
    """One thing to ask.

    Attributes:
        slots: What fills the prompt's slots; only those that the prompt has are looked at.
        pictures: uint8 `[3, h, w]` each, of the kinds that `Questioner.pictures` names. Questions
            about the same picture hold the same tensor.
        lacks: Why it cannot be asked, if it cannot.
    """

    slots: Mapping[str, str]
    pictures: tuple[Tensor, ...] = ()
    lacks: str = ""


class Questioner:
    """Asks one prompt.

    Args:
        language: Who is asked.
        prompt: The prompt's pinned name.
        max_tokens: Longest reply.
    """

    def __init__(self, language: VisionLanguage, prompt: str, max_tokens: int) -> None:
        self._language = language
        self._name = prompt
        self._wording = read_prompt(prompt).wording(language.wording)
        self._max_tokens = max_tokens

    @property
    def pictures(self) -> tuple[PictureKind, ...]:
        """The kinds of pictures to show, in this order."""
        return self._wording.pictures

    @property
    def slots(self) -> frozenset[str]:
        """The slots to fill."""
        return self._wording.slots()

    def ask(self, inquiries: Sequence[Inquiry]) -> list[Answer]:
        """Asks; equal questions about the same pictures are asked once.

        Returns:
            An answer for each, which may be missing.

        Raises:
            ReplyError: If a question got no reply for a reason that may pass.
            LanguageModelError: If nothing can be asked.
        """
        answers = [Answer("", "", "", one.lacks, self._name) for one in inquiries]
        for again in (False, True):
            open_ = [at for at, one in enumerate(answers) if one.missing or not one.question]
            open_ = [at for at in open_ if not inquiries[at].lacks]
            questions = [self._question(inquiries[at], again) for at in open_]
            for at, question, reply in zip(open_, questions, self._replies(questions), strict=True):
                answers[at] = self._answer(question, reply)
        return answers

    def _question(self, inquiry: Inquiry, again: bool) -> VisualQuestion:
        shape = self._wording.answer
        words = self._wording.words(inquiry.slots, again)
        return VisualQuestion(words, inquiry.pictures, shape.choices, shape.json_schema())

    def _replies(self, questions: Sequence[VisualQuestion]) -> list[Reply | UnusableReplyError]:
        keys = [(one.text, tuple(id(image) for image in one.images)) for one in questions]
        new = dict(zip(keys, questions, strict=True))
        replies = self._language.ask(list(new.values()), self._max_tokens) if new else []
        found: dict[object, Reply | UnusableReplyError] = {}
        for key, reply in zip(new, replies, strict=True):
            if isinstance(reply, ReplyError) and not isinstance(reply, UnusableReplyError):
                raise reply
            found[key] = reply
        return [found[key] for key in keys]

    def _answer(self, question: VisualQuestion, reply: Reply | UnusableReplyError) -> Answer:
        if isinstance(reply, UnusableReplyError):
            return Answer("", question.text, "", reply.what, self._name)
        if not reply.complete and not question.choices:
            cut = f"the reply was cut after {self._max_tokens} tokens"
            return Answer("", question.text, reply.text, cut, self._name)
        try:
            said = self._wording.answer.read(reply.text)
        except BadAnswerError as error:
            return Answer("", question.text, reply.text, str(error), self._name)
        return Answer(said, question.text, reply.text, "", self._name)
