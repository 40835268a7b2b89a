"""A real chat server that answers by a rule, as the language model of a stage."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from openseg.models.adapters.vision_language.remembering import RememberingVisionLanguage
from openseg.models.adapters.vision_language.server import ServerVisionLanguage
from openseg.models.adapters.vision_language.server_config import ServerConfig
from tests.models.adapters.vision_language.odd_server import odd_server, said


@dataclass
class Heard:
    """What a server heard and how to ask it.

    Attributes:
        language: The model to hand to a stage.
        words: The words of every question, in the order they came.
        pictures: The pictures of every question, uint8 `[h, w, 3]`.
    """

    language: RememberingVisionLanguage
    words: list[str] = field(default_factory=list)
    pictures: list[list[np.ndarray]] = field(default_factory=list)


@contextmanager
def answering(reply: Callable[[str], str], wording: str = "rooms") -> Iterator[Heard]:
    """Runs a server.

    Args:
        reply: From the words of a question to the reply.
        wording: How it wants to be asked.
    """

    def answer(number, request):
        *images, text = request["messages"][0]["content"]
        heard.words.append(text["text"])
        heard.pictures.append([_picture(one["image_url"]["url"]) for one in images])
        return said(reply(text["text"]))

    with odd_server(answer) as odd:
        config = ServerConfig(
            base_url=odd.url, model="m", key_variable="", wording=wording, concurrency=1, retries=0
        )
        heard = Heard(RememberingVisionLanguage(ServerVisionLanguage(config)))
        yield heard


def _picture(address: str) -> np.ndarray:
    data = base64.b64decode(address.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)))
