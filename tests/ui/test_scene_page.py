"""The Scene page: its logic, and its main path in a real browser."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import PIL.Image
import pytest

import openseg_ui
from openseg.api.scenes.reading import scene_records
from openseg_ui.settings import VARIABLE
from tests.scene_toys import FindObjects, box_room
from tests.ui.conftest import NO_EXTRA, PATIENCE
from tests.ui.scene_runs import box_run, hall_run, write_run
from tests.ui.viewer import viewer

AppTest = pytest.importorskip("streamlit.testing.v1", reason=NO_EXTRA).AppTest

__all__ = ["box_room"]

APP = Path(openseg_ui.__file__).with_name("app.py")
POINTS = 1_000_000


@pytest.fixture(scope="session")
def scene_run(box_room, tmp_path_factory) -> Path:
    """A run of the toy method on the box room."""
    from openseg.graph import registry

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry._stages, FindObjects.name, FindObjects)
        return box_run(box_room, tmp_path_factory.mktemp("scene runs"))


@pytest.fixture(scope="session")
def large_run(tmp_path_factory) -> Path:
    """A run on a hall of a million points."""
    return hall_run(tmp_path_factory.mktemp("large runs"), POINTS)


# ---- logic


@pytest.fixture
def open_page(monkeypatch):
    """Runs the page on a folder of runs, with what an address may say."""

    def opened(runs: Path, data: Path | None = None, **query):
        settings = {"runs": [str(runs)], "data": str(data) if data else None}
        monkeypatch.setenv(VARIABLE, json.dumps(settings))
        monkeypatch.syspath_prepend(str(APP.parents[1]))
        import streamlit as st

        st.cache_resource.clear()
        app = AppTest.from_function(_scene_page, default_timeout=120)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return opened


def _scene_page():
    from openseg_ui.views import scene

    scene.page()


def texts(app) -> str:
    """All that the page says."""
    kinds = (app.markdown, app.info, app.error, app.warning, app.caption)
    return "\n".join(one.value for kind in kinds for one in kind).replace("\\", "")


def test_an_empty_folder_says_what_to_do(open_page, tmp_path):
    app = open_page(tmp_path)
    assert "No run on scenes" in texts(app)
    assert "openseg run lift_only" in app.code[0].value


def test_a_scene_is_described_and_its_address_is_kept(open_page, scene_run, box_room):
    app = open_page(scene_run, box_room, object="1", colour="score", camera="1,2,3,0.5,0.5,4,0.8")
    said = texts(app)
    assert "2 objects in" in said
    assert "5 frames" in said
    assert "#### mat" in said
    assert "Score **0.600**" in said
    assert "weight" in said
    query = app.query_params
    assert query["object"] == "1"
    assert query["colour"] == "score"
    assert query["camera"] == "1,2,3,0.5,0.5,4,0.8"
    assert query["scene"] == box_room.name


def test_what_is_unknown_in_an_address_is_told(open_page, scene_run, box_room):
    said = texts(open_page(scene_run, box_room, object="77", colour="x", camera="y"))
    assert "no object 77" in said
    said = texts(open_page(scene_run, box_room, scene="nowhere"))
    assert "no scene nowhere" in said
    said = texts(open_page(scene_run, box_room, folder="/etc"))
    assert "not in the folders" in said


def test_without_the_scene_its_copy_is_shown_without_frames(open_page, scene_run):
    said = texts(open_page(scene_run, object="0"))
    assert "coloured copy" in said
    assert "frames cannot be shown" in said
    assert "cannot be read" in said


def test_points_that_are_missing_leave_the_picture(open_page, scene_run, tmp_path):
    copy = shutil.copytree(scene_run, tmp_path / "run")
    shutil.rmtree(copy / "ply")
    app = open_page(tmp_path)
    assert "not in the folders" in texts(app)
    assert len(app.get("image")) == 1


def test_a_failed_scene_says_why_and_a_run_that_goes_on_is_marked(open_page, scene_run, tmp_path):
    [record] = scene_records(scene_run)
    failed = replace(record, error="the disk is full", instances=())
    folder = write_run(tmp_path / "run", [failed])
    summary = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**summary, "finished": False, "records": 1}))
    said = texts(open_page(tmp_path))
    assert "the disk is full" in said
    assert "not finished" in said
    (folder / "scenes.jsonl").write_text("")
    assert "just begun" in texts(open_page(tmp_path))


def test_a_run_that_is_deleted_while_it_is_shown_is_told(open_page, scene_run, tmp_path):
    copy = shutil.copytree(scene_run, tmp_path / "run")
    app = open_page(tmp_path)
    (copy / "run.json").unlink()
    app.run()
    assert not app.exception
    assert "no run in this folder" in texts(app)


def test_a_thinned_scene_says_so(open_page, large_run, monkeypatch):
    from openseg_ui.server import scenes_cloud

    monkeypatch.setattr(scenes_cloud.pack, "__defaults__", (20_000,))
    said = texts(open_page(large_run.parent))
    assert re.search(r"\d\d,\d{3} of 1,000,000 points are shown", said)


def test_a_browser_may_say_anything(scene_run):
    import streamlit as st

    from openseg_ui.widgets.cloud import Wished, wished_of

    [record] = scene_records(scene_run)
    start = Wished(1, "score", "a camera")
    wrong = ({"selected": {"row": 99, "of": "k"}}, {"selected": {"row": "1; x", "of": "k"}})
    for state in wrong:
        st.session_state["k"] = state
        assert wished_of("k", record, start) == Wished(None, "score", "a camera")
    st.session_state["k"] = {"selected": {"row": 0, "of": "another"}, "colour": "x", "camera": 3}
    assert wished_of("k", record, start) == start
    st.session_state["k"] = {"camera": {"text": "9" * 5000, "of": "k"}}
    assert len(wished_of("k", record, start).camera) == 80


# ---- in a browser


@pytest.fixture(scope="session")
def scene_server(scene_run, large_run, box_room):
    """The address of a viewer with both runs."""
    folders = [
        "--runs",
        str(scene_run),
        "--runs",
        str(large_run.parent),
        "--data",
        str(box_room.parent),
    ]
    with viewer(*folders) as address:
        yield address


@pytest.fixture
def visit_scene(browser, scene_server):
    """Opens a run on the page; what the browser complains of fails the test."""
    complaints, contexts = [], []

    def opened(run: Path, query: str = "", **options):
        context = browser.new_context(viewport={"width": 1440, "height": 1300}, **options)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{scene_server}/scene?folder={run}{query}")
        contexts.append(context)
        rest(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def rest(page) -> None:
    """Waits until all points have come and are drawn."""
    page.locator("canvas.points[data-points][data-still=true]").wait_for()


def picture(page) -> np.ndarray:
    """What the canvas of the points shows."""
    return np.asarray(PIL.Image.open(_bytes(page)).convert("RGB")).astype(int)


def _bytes(page):
    import io

    return io.BytesIO(page.locator("canvas.points").screenshot())


def query_of(page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_scene_is_looked_at_asked_and_shared(visit_scene, scene_run, keep):
    page = visit_scene(scene_run)
    rows = page.locator("tbody tr")
    assert [one.split()[0] for one in rows.all_inner_texts()] == ["box", "mat"]
    # Colours change in the browser, and the address says so.
    before = picture(page)
    page.get_by_role("button", name="Photo").click()
    page.wait_for_url("**colour=photo**")
    assert np.abs(picture(page) - before).max() > 40
    page.get_by_role("button", name="Objects").click()
    # By keys: the next object, chosen where it stands.
    page.locator("canvas.points").focus()
    page.keyboard.press("n")
    page.wait_for_url("**object=0**")
    page.get_by_role("heading", name="box 0").wait_for()
    page.get_by_text("weight").first.wait_for()
    page.wait_for_timeout(1500)
    keep(page, "scene-object")
    # Its frames: one looks from where the camera was.
    before = query_of(page).get("camera")
    page.get_by_role("button", name="Look from here").click()
    page.wait_for_function(
        "(old) => new URL(location).searchParams.get('camera') !== old", arg=before
    )
    # Words change the colours without a run.
    field = page.get_by_role("textbox", name="Colour by words")
    field.fill("a green box; a mat")
    field.press("Enter")
    page.get_by_role("button", name="Words", exact=True).wait_for()
    page.get_by_role("columnheader", name="Fits").wait_for()
    page.wait_for_url("**query=a+green+box**")
    assert page.locator(".legend").get_by_text("fits").is_visible()
    page.get_by_role("button", name="Whole scene").click()
    page.wait_for_timeout(2500)
    rest(page)
    keep(page, "scene-words")
    # Another session finds the same by the address; in the dark.
    asked = query_of(page)
    assert {"folder", "scene", "colour", "object", "query", "camera"} <= set(asked)
    other = visit_scene(scene_run, "&" + page.url.split("?")[1], color_scheme="dark")
    other.get_by_role("columnheader", name="Fits").wait_for()
    other.get_by_role("heading", name="box 0").wait_for()
    rest(other)
    assert other.locator("tbody tr[aria-selected=true]").inner_text().startswith("box")
    other.wait_for_timeout(1500)
    keep(other, "scene-dark")
    assert query_of(other)["camera"] == asked["camera"]


def test_an_object_is_chosen_by_a_click_into_the_picture(visit_scene, scene_run):
    page = visit_scene(scene_run)
    canvas = page.locator("canvas.points")
    page.get_by_label("Cameras").uncheck()
    page.locator("tbody tr").first.hover()
    page.wait_for_timeout(500)
    shown = picture(page)
    page.mouse.move(5, 5)
    page.wait_for_timeout(500)
    changed = np.abs(shown - picture(page)).max(axis=2) > 10
    assert changed.any()  # a hovered row stands out in the picture
    size = canvas.bounding_box()
    # Where the box is: the pixels that keep their colours while all others fade.
    page.locator("tbody tr").first.hover()
    page.wait_for_timeout(500)
    bright = shown.max(axis=2) - shown.min(axis=2) > 90
    rows, columns = np.nonzero(bright)
    middle = {"x": float(np.median(columns)), "y": float(np.median(rows))}
    assert 0 < middle["x"] < size["width"]
    canvas.click(position=middle)
    page.wait_for_url("**object=0**")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !new URL(location).searchParams.has('object')")


def test_the_whole_scene_fits_a_picture_of_any_size_until_one_moves(visit_scene, scene_run):
    page = visit_scene(scene_run)
    page.get_by_label("Cameras").uncheck()
    page.get_by_label("Names").uncheck()

    def cut_off() -> float:
        page.wait_for_timeout(1500)
        rest(page)
        shown = picture(page)[120:-120, 6:-6]  # without the frame, buttons and key of colours
        paper = shown[0, 0]
        edges = np.concatenate([shown[:, 0], shown[:, -1]])
        return float((np.abs(edges - paper).max(axis=1) > 12).mean())

    assert cut_off() == 0
    page.set_viewport_size({"width": 620, "height": 1300})
    assert cut_off() == 0
    for _ in range(6):
        page.get_by_label("Nearer").click()
    assert cut_off() > 0.2  # a moved view stays


def test_one_flies_along_the_cameras(visit_scene, scene_run):
    page = visit_scene(scene_run)
    page.get_by_role("button", name="Fly").click()
    page.get_by_role("button", name="Stop").wait_for()
    page.locator("output.frame", has_text=re.compile(r"\(5 of 5\)")).wait_for()
    page.get_by_role("button", name="Fly").wait_for()
    before = picture(page)
    page.get_by_label("Along the path of the camera").press("Home")
    page.locator("output.frame", has_text=re.compile(r"frame 0 \(1 of 5\)")).wait_for()
    page.wait_for_timeout(1000)
    assert np.abs(picture(page) - before).mean() > 3


def test_a_million_points_stay_in_motion(visit_scene, large_run, keep):
    """Others may take the machine's cores: what the page reaches at rest is the measure."""
    page = visit_scene(large_run)
    page.wait_for_timeout(1500)
    keep(page, "scene-million")
    assert page.locator("canvas.points").get_attribute("data-points") == str(POINTS)
    page.locator("canvas.points").focus()
    idle = page.evaluate(_TICKS, 0)
    turning = page.evaluate(_TICKS, 3)
    assert turning >= min(10, 0.4 * idle), f"{turning:.1f} frames a second, {idle:.1f} without"
    budget = int(page.locator("canvas.points").get_attribute("data-budget"))
    assert budget >= 15_000
    rest(page)  # and all of them are drawn again


_TICKS = """async (turns) => {
  const roots = [...document.querySelectorAll("*")].map((one) => one.shadowRoot);
  const find = (one) => one?.querySelector("canvas.points");
  const canvas = find(document) ?? find(roots.find(find));
  const step = async () => {
    const key = new KeyboardEvent("keydown", { key: "ArrowLeft" });
    if (turns) canvas.dispatchEvent(key);
    await new Promise(requestAnimationFrame);
  };
  const start = performance.now();
  while (performance.now() < start + 3000) await step();
  const [begin, first] = [performance.now(), Number(canvas.dataset.frames)];
  let ticks = 0;
  for (; performance.now() < begin + 3000; ticks++) await step();
  const drawn = turns ? Number(canvas.dataset.frames) - first : ticks;
  return (1000 * drawn) / (performance.now() - begin);
}"""


def test_both_ways_of_drawing_show_the_same(browser, scene_server, scene_run):
    """A browser that says it has a graphics card draws by WebGL."""
    shown, drawn_by = [], []
    for name in ("SwiftShader", "Some graphics card"):
        context = browser.new_context(viewport={"width": 1100, "height": 1000})
        context.add_init_script(
            "const own = WebGL2RenderingContext.prototype.getParameter;"
            "WebGL2RenderingContext.prototype.getParameter = function (what) {"
            f" return what === 37446 || what === 7937 ? '{name}' : own.call(this, what); }};"
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{scene_server}/scene?folder={scene_run}&colour=classes")
        rest(page)
        page.get_by_label("Names").uncheck()
        page.get_by_label("Cameras").uncheck()
        page.wait_for_timeout(1500)
        if not page.evaluate("!!document.createElement('canvas').getContext('webgl2')"):
            pytest.skip("this browser has no WebGL at all")
        shown.append(picture(page))
        drawn_by.append(page.locator("canvas.points").get_attribute("data-by"))
        context.close()
    assert drawn_by == ["processor", "webgl"]
    assert (np.abs(shown[0] - shown[1]).max(axis=2) > 24).mean() < 0.02
