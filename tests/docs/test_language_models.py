"""The page on language models: its files load, its example asks, its promises have their tests."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from openseg.io.images import image_from
from openseg.models.adapters.vision_language.server_config import ServerConfig
from openseg.ops.text import parse_query
from openseg.stages.describe.phrases import DescribePhrases
from tests.stages.asked import answering

PAGE = (Path(__file__).parents[2] / "docs" / "language-models.md").read_text()


@pytest.fixture
def files(tmp_path) -> Path:
    for _, name, content in re.findall(r"```(\w+) file=(\S+)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).write_text(content)
    return tmp_path


def test_the_servers_file_is_read(files):
    assert ServerConfig.read(files).reply_price == 0.6


def test_the_prompt_asks_and_its_answer_is_what_the_page_says(files):
    config = DescribePhrases.Config(prompt=str(files / "colour.yaml"))
    image = image_from(np.zeros((8, 8, 3), np.uint8), "black")
    reply = 'Here: {"thing": "cup", "colour": "red"}'
    with answering(lambda text: reply, "instructions") as heard:
        stage = DescribePhrases(config, heard.language)
        [found] = stage.run([image], [parse_query("the mug")]).descriptions
    assert found.items[0].text == "a red cup"
    assert '"the mug"' in heard.words[0]
