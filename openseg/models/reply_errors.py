"""What can go wrong when a language model is asked, as errors a run can tell apart.

`LanguageModelError` ends the run: no further question would be answered either. A `ReplyError`
concerns one question; back ends return it in place of the reply, so that the other replies of a
batch, which may have cost money, are kept.
"""

from __future__ import annotations

from openseg.types.errors import OpensegError, UserError


class LanguageModelError(UserError):
    """A back end cannot answer anything; `where` names the server or file."""

    ends_run = True


class ServerDownError(LanguageModelError):
    """Nothing answers at the server's address."""


class ServerRefusesError(LanguageModelError):
    """The server does not accept requests as they are: key, model name or request format."""


class ReplyError(OpensegError):
    """One question has no usable reply; `where` names the server or file."""


class TimedOutError(ReplyError):
    """The server did not answer in time, however often it was asked."""


class RateLimitError(ReplyError):
    """The server answered 429 until no retry was left."""


class ServerFaultError(ReplyError):
    """The server answered with a fault of its own (5xx) until no retry was left."""


class UnusableReplyError(ReplyError):
    """The model's own doing: asked the same it would reply the same, asked in other words not."""


class RefusalError(UnusableReplyError):
    """The model or a filter declined to answer."""


class EmptyReplyError(UnusableReplyError):
    """The reply has no text."""


class GarbageReplyError(UnusableReplyError):
    """What came back is not a reply, or names none of the choices."""


class NotRecordedError(ReplyError):
    """The file of recorded replies does not hold this question."""
