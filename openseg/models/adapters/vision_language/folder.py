"""One family, three back ends: what a checkpoint folder holds says who answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from openseg.models.adapters.vision_language.recorded import (
    REPLIES_FILE,
    RecordedVisionLanguage,
    RecordingVisionLanguage,
    SpendingVisionLanguage,
)
from openseg.models.adapters.vision_language.remembering import RememberingVisionLanguage
from openseg.models.adapters.vision_language.server_config import SERVER_FILE, ServerConfig
from openseg.models.protocols import Reply, ReplyAttention, VisualQuestion
from openseg.models.reply_errors import LanguageModelError, ReplyError
from openseg.types.errors import MissingExtraError

EXTRA = 'pip install "openseg[vlm]"'


class FolderVisionLanguage:
    """`VisionLanguage` as a folder says: the catalogue's adapter of `vlm`.

    Args:
        back_end: Who answers.

    Attributes:
        wording: How it wants to be asked.
        spending: What asking has cost so far; `run.json` keeps its `report()`.
    """

    def __init__(self, back_end: SpendingVisionLanguage) -> None:
        self._back_end = back_end
        self._asked: SpendingVisionLanguage = RememberingVisionLanguage(back_end)
        self.wording = back_end.wording
        self.spending = back_end.spending

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads recorded replies (`replies.jsonl`), a server (`server.json`) or a checkpoint.

        Raises:
            MissingExtraError: If the server's client, or a package that the checkpoint's processor
                needs, is not installed.
            InputError: If `server.json` or `replies.jsonl` cannot be read.
            MissingWeightsError: If the weights do not fit the architecture.
        """
        if (folder / REPLIES_FILE).is_file():
            return cls(RecordedVisionLanguage(folder / REPLIES_FILE))
        try:
            if (folder / SERVER_FILE).is_file():
                from openseg.models.adapters.vision_language.server import ServerVisionLanguage

                return cls(ServerVisionLanguage(ServerConfig.read(folder)))
            from openseg.models.adapters.vision_language.hf import TransformersVisionLanguage

            return cls(TransformersVisionLanguage.load(folder, device, dtype))
        except ImportError as error:
            reason = str(error).strip().splitlines()[0]
            raise MissingExtraError(reason, where=str(folder), fix=EXTRA) from error

    def ask(self, questions: Sequence[VisualQuestion], max_tokens: int) -> list[Reply | ReplyError]:
        """Asks; see `openseg.models.protocols.VisionLanguage.ask`."""
        return self._asked.ask(questions, max_tokens)

    def look(self, questions: Sequence[VisualQuestion], depth: float) -> list[Tensor]:
        """Reads attention; see `openseg.models.protocols.ReplyAttention.look`."""
        if not isinstance(self._back_end, ReplyAttention):
            raise LanguageModelError(
                "servers and recordings do not tell where a model looks",
                fix="give a checkpoint that runs on this machine",
            )
        return self._back_end.look(questions, depth)

    def record(self, file: Path) -> None:
        """From now on keeps every reply in a file, and asks nothing that is in it already.

        Args:
            file: Made if it is not there; as `replies.jsonl` in a folder it replays the run.

        Raises:
            InputError: If a line of the file cannot be read.
        """
        self._asked = RecordingVisionLanguage(RememberingVisionLanguage(self._back_end), file)
