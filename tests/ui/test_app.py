"""The pages' logic without a browser."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

import openseg_ui
from openseg.graph.loader import load, pipeline_names
from openseg.models.store import ModelStore
from openseg_ui.server.runs import Asked
from openseg_ui.settings import VARIABLE

AppTest = pytest.importorskip(
    "streamlit.testing.v1", reason="the viewer's extra is not installed"
).AppTest
APP = Path(openseg_ui.__file__).with_name("app.py")


@pytest.fixture
def app(tmp_path, monkeypatch):
    """The app on an empty folder of runs."""
    monkeypatch.setenv(VARIABLE, json.dumps({"runs": [str(tmp_path)]}))
    monkeypatch.syspath_prepend(str(APP.parents[1]))
    import streamlit as st

    st.cache_resource.clear()
    return AppTest.from_file(str(APP), default_timeout=60)


def asked(**changes) -> Asked:
    base = {
        "method": "grounded_sam", "weights": "mini", "sets": (), "text": "the red cup",
        "points": (), "boxes": (), "image": "d", "image_name": "my room.jpg",
    }  # fmt: skip
    return Asked(**{**base, **changes})


def test_the_first_page_offers_every_method_with_its_settings(app):
    app.run()
    assert not app.exception
    assert app.selectbox(key="try method").options == pipeline_names()
    threshold = app.slider(key="try grounded_sam detect.box_threshold")
    assert (threshold.min, threshold.max, threshold.value) == (0.0, 1.0, 0.25)
    assert "Grounded\\-SAM demo" in threshold.help


def test_a_method_without_words_asks_for_points_instead(app):
    app.query_params["method"] = "box_to_mask"
    app.run()
    assert not app.exception
    assert [one.key for one in app.text_area] == ["try numbers"]
    app.text_area(key="try numbers").set_value("1, 2, 3").run()
    assert "neither a point nor a box" in app.error[0].value


def test_empty_pages_say_what_to_do(app):
    app.run()
    assert any("press Run" in one.value for one in app.info)


def test_the_command_line_is_the_same_run():
    from openseg_ui.views.try_take import command

    line = command(asked(sets=("detect.box_threshold=0.3",), text="it's; a cup"))
    words = shlex.split(line)
    assert words[:3] == ["openseg", "run", "grounded_sam"]
    assert words[words.index("--image") + 1] == "my room.jpg"
    assert words[words.index("--text") + 1] == "it's; a cup"
    assert words[words.index("--set") + 1] == "detect.box_threshold=0.3"
    boxes = command(asked(method="box_to_mask", text=None, boxes=((1.0, 2.5, 3.0, 4.0),)))
    assert boxes.endswith("--box 1,2.5,3,4")


def test_the_yaml_is_the_same_method(tmp_path):
    from openseg_ui.views.try_take import variant

    file = tmp_path / "mine.yaml"
    file.write_text(variant(asked(sets=("detect.box_threshold=0.3", "segment.candidates=true"))))
    graph = load(str(file), ModelStore())
    assert graph.nodes["detect"].config.box_threshold == 0.3
    assert graph.nodes["segment"].config.candidates is True
    file.write_text(variant(asked()))
    assert load(str(file), ModelStore()).nodes["detect"].config.box_threshold == 0.25
