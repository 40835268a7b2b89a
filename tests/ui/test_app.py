"""The pages' logic without a browser."""

from __future__ import annotations

import base64
import io
import json
import shlex
import subprocess
import sys
import time
from pathlib import Path

import PIL.Image
import pytest
import torch

import openseg_ui
from openseg.graph.loader import load, pipeline_names
from openseg.models.store import ModelStore
from openseg_ui.server.images import from_folder
from openseg_ui.server.runs import Asked, Prompts
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
        "method": "grounded_sam", "weights": "mini", "sets": (), "text": "the purple ball",
        "image": "d", "image_name": "my room.jpg",
    }  # fmt: skip
    return Asked(**{**base, **changes})


def test_the_first_page_offers_every_method_with_its_settings(app):
    app.run()
    assert not app.exception
    shown = set(app.selectbox(key="method").options)
    assert {"grounded_sam", "clip_ranked_masks", "box_to_mask"} <= shown <= set(pipeline_names())
    threshold = app.slider(key="try grounded_sam detect.box_threshold")
    assert (threshold.min, threshold.max, threshold.value) == (0.0, 1.0, 0.25)
    assert "Grounded\\-SAM demo" in threshold.help


def test_an_address_says_what_is_asked(app):
    app.query_params["method"] = "clip_ranked_masks"
    app.query_params["text"] = "a lamp"
    app.query_params["nonsense"] = "1"
    app.run()
    assert app.selectbox(key="method").value == "clip_ranked_masks"
    assert app.text_area(key="words").value == "a lamp"
    assert dict(app.query_params) == {"method": "clip_ranked_masks", "text": "a lamp"}


def test_the_first_page_comes_before_torch():
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(APP)!r}, default_timeout=120).run()
assert not app.exception
assert "torch" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_shared_run_brings_its_settings_along(app, room):
    from openseg_ui.session import hub

    photo = from_folder(room, megapixels=10)
    changed = asked(sets=("detect.box_threshold=0.4",), image=photo.digest, image_name=photo.name)
    job = hub().submit(changed, photo)
    while not job.over:
        time.sleep(0.05)
    app.query_params["run"] = job.result.id
    app.run()
    assert not app.exception
    assert app.slider(key="try grounded_sam detect.box_threshold").value == 0.4
    assert not any("press Run" in one.value for one in app.caption)
    app.slider(key="try grounded_sam detect.box_threshold").set_value(0.5).run()
    assert any("press Run" in one.value for one in app.caption)


def test_what_a_language_model_said_is_shown_word_for_word():
    def script():
        from openseg.types.descriptions import Answer, Descriptions
        from openseg_ui.views.inside_words import show_answers

        told = Answer("cup", "Is it **a cup**?", "Yes: <b>a cup</b>", prompt="name v1")
        lost = Answer("", "And this?", "", missing="no reply in 30 s")
        show_answers(Descriptions((told, lost)), "answers", ["region 0", "region 1"])

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert [one.value for one in app.text] == [
        "Is it **a cup**?", "Yes: <b>a cup</b>", "And this?",
    ]  # fmt: skip
    said = "\n".join(one.value for one in app.markdown).replace("\\", "")
    assert "1 without an answer" in said
    assert "no reply in 30 s" in said


def test_a_heat_map_covers_the_picture_from_dark_to_bright():
    from openseg_ui.widgets.heat import heat_sheet

    sheet = heat_sheet(torch.tensor([[0.0, 1.0], [2.0, 4.0]]), (400, 200))
    assert (sheet["low"], sheet["high"]) == (0.0, 4.0)
    data = base64.b64decode(sheet["src"].partition(",")[2])
    with PIL.Image.open(io.BytesIO(data)) as drawn:
        assert drawn.size == (320, 160)
        grey = drawn.convert("L")
        corners = [grey.getpixel(at) for at in ((0, 0), (319, 0), (0, 159), (319, 159))]
    assert corners == sorted(corners)
    assert corners[-1] > corners[0] + 100
    flat = heat_sheet(torch.zeros(3, 3), (30, 30))
    assert (flat["low"], flat["high"]) == (0.0, 0.0)


def test_a_method_without_words_asks_for_points_instead(app):
    app.query_params["method"] = "box_to_mask"
    app.run()
    assert not app.exception
    assert [one.key for one in app.text_area] == ["prompts"]
    app.text_area(key="prompts").set_value("1, 2, 3").run()
    assert "neither a point, a box nor a scribble" in app.error[0].value


def test_empty_pages_say_what_to_do(app):
    app.run()
    assert any("press Run" in one.value for one in app.info)


def test_the_command_line_is_the_same_run():
    from openseg_ui.widgets.take_away import command

    line = command(asked(sets=("detect.box_threshold=0.3",), text="it's; a cup"))
    words = shlex.split(line)
    assert words[:3] == ["openseg", "run", "grounded_sam"]
    assert words[words.index("--image") + 1] == "my room.jpg"
    assert words[words.index("--text") + 1] == "it's; a cup"
    assert words[words.index("--set") + 1] == "detect.box_threshold=0.3"
    stroke = ((1.0, 1.0), (2.0, 2.0))
    drawn = Prompts(((5.0, 6.0),), ((1.0, 2.5, 3.0, 4.0),), (stroke,), ((9.0, 9.0),))
    words = shlex.split(command(asked(method="box_to_mask", text=None, prompts=drawn)))
    assert words[-8:] == [
        "--point", "5,6", "--negative-point", "9,9", "--box", "1,2.5,3,4", "--scribble", "1,1 2,2",
    ]  # fmt: skip


def test_the_yaml_is_the_same_method(tmp_path):
    from openseg_ui.widgets.take_away import variant

    file = tmp_path / "mine.yaml"
    file.write_text(variant(asked(sets=("detect.box_threshold=0.3", "segment.candidates=true"))))
    graph = load(str(file), ModelStore())
    assert graph.nodes["detect"].config.box_threshold == 0.3
    assert graph.nodes["segment"].config.candidates is True
    file.write_text(variant(asked()))
    assert load(str(file), ModelStore()).nodes["detect"].config.box_threshold == 0.25
