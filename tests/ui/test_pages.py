"""Each page's main path in a real browser, with the mini weights."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import PIL.Image
import pytest

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def run(page) -> None:
    """Presses Run and waits for the result."""
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Look inside this run").wait_for()


def test_words_give_masks_that_can_be_tuned_and_taken_away(visit, keep):
    page = visit()
    page.locator("canvas").wait_for()
    keep(page, "try-start")
    run(page)
    chips = page.get_by_role("group", name="Regions").get_by_role("button")
    assert chips.count() >= 2
    page.wait_for_timeout(500)
    keep(page, "try-result")
    # The score threshold acts at once, in the browser.
    slider = page.get_by_label("Score from")
    slider.evaluate("(bar) => { bar.value = 1; bar.dispatchEvent(new Event('input')) }")
    assert chips.count() == 0
    assert page.get_by_text(re.compile(r"^0 of \d+ regions$")).is_visible()
    slider.evaluate("(bar) => { bar.value = 0; bar.dispatchEvent(new Event('input')) }")
    for label, start in (("Picture (PNG)", b"\x89PNG"), ("COCO", b'{"'), ("LabelMe", b'{"')):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=label).click()
        assert Path(waiting.value.path()).read_bytes().startswith(start)
    assert "openseg run grounded_sam" in page.locator("code").first.inner_text()


def test_points_scribbles_and_boxes_are_drawn(visit, keep):
    page = visit("?method=box_to_mask")
    canvas = page.locator("canvas")
    canvas.wait_for()
    page.wait_for_timeout(1500)
    place = canvas.bounding_box()
    width, height = place["width"], place["height"]
    canvas.click(position={"x": 0.46 * width, "y": 0.6 * height})
    page.get_by_role("button", name="Box", exact=True).click()
    page.mouse.move(place["x"] + 0.56 * width, place["y"] + 0.55 * height)
    page.mouse.down()
    page.mouse.move(place["x"] + 0.8 * width, place["y"] + 0.77 * height, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Negative", exact=True).click()
    canvas.click(position={"x": 0.45 * width, "y": 0.9 * height})
    page.get_by_role("button", name="Scribble", exact=True).click()
    page.mouse.move(place["x"] + 0.28 * width, place["y"] + 0.74 * height)
    page.mouse.down()
    for x, y in ((0.31, 0.7), (0.34, 0.78)):
        page.mouse.move(place["x"] + x * width, place["y"] + y * height, steps=4)
    page.mouse.up()
    field = page.get_by_role("textbox", name="Prompts")
    expect(field).to_have_value(re.compile(r"\d;"))
    point, negative, box, scribble = field.input_value().splitlines()
    assert [float(v) for v in point.split(",")] == pytest.approx([368, 360], abs=4)
    assert [float(v) for v in box.split(",")] == pytest.approx([448, 330, 640, 462], abs=5)
    outside = negative.removeprefix("not ")
    assert [float(v) for v in outside.split(",")] == pytest.approx([360, 540], abs=4)
    ends = [scribble.split(";")[i].split(",") for i in (0, -1)]
    assert [float(v) for v in ends[0]] == pytest.approx([224, 444], abs=4)
    assert [float(v) for v in ends[1]] == pytest.approx([272, 468], abs=4)
    keep(page, "try-prompts")
    run(page)
    chips = page.get_by_role("group", name="Regions").get_by_role("button")
    assert chips.count() == 3
    assert "--negative-point" in page.locator("code").first.inner_text()
    drawn = field.input_value()
    # The keyboard is enough: the field takes what the mouse drew; Undo goes back.
    page.get_by_role("button", name="Undo").click()
    expect(field).not_to_have_value(drawn)
    # Who opens the address sees the same prompts.
    other = visit(page.url.split("/", 3)[3])
    expect(other.get_by_role("textbox", name="Prompts")).to_have_value(drawn)


def test_the_keyboard_moves_the_picture(visit):
    page = visit()
    canvas = page.locator("canvas")
    canvas.wait_for()
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    page.wait_for_timeout(1000)
    looks = [canvas.evaluate("(one) => one.toDataURL()")]
    for key in ("+", "ArrowRight", "0"):
        canvas.press(key)
        looks.append(canvas.evaluate("(one) => one.toDataURL()"))
    whole, near, moved, again = looks
    assert len({whole, near, moved}) == 3
    assert again == whole


def test_photos_are_uploaded_and_what_is_none_is_told(visit, keep, room, tmp_path):
    page = visit()
    page.get_by_role("radio", name="Upload").click()
    upload = page.locator("input[type=file]")
    upload.wait_for(state="attached")
    huge = tmp_path / "huge.png"
    PIL.Image.new("L", (10_000, 10_000)).save(huge)
    upload.set_input_files(huge)
    page.get_by_text("pixels are more than the limit").wait_for()
    disguised = tmp_path / "photo.png"
    disguised.write_text("#!/bin/sh\necho hello\n" * 9)
    upload.set_input_files(disguised)
    page.get_by_text("this is a text file").wait_for()
    keep(page, "try-upload-refused")
    upload.set_input_files(room)
    expect(page.locator("canvas")).to_have_attribute("aria-label", re.compile("room.jpg, 800"))
    run(page)


def test_a_picture_is_taken(visit):
    page = visit(permissions=["camera"])
    page.get_by_role("radio", name="Camera").click()
    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    page.get_by_role("button", name="Take Photo").click()
    page.locator("canvas").wait_for()
    run(page)


def test_one_looks_inside_a_run_and_shares_the_address(visit, keep):
    page = visit()
    run(page)
    page.get_by_text("Look inside this run").click()
    page.get_by_role("button", name="node detect").click()
    page.wait_for_url("**node=detect**")
    page.get_by_role("button", name="node segment").click()
    page.wait_for_url("**node=segment**")
    page.wait_for_timeout(1500)
    keep(page, "inside-flow")
    page.get_by_role("tab", name="Why this mask").click()
    panel = page.get_by_role("tabpanel", name="Why this mask")
    panel.get_by_role("group", name="Regions").get_by_role("button").first.click()
    panel.get_by_text("what you gave").wait_for()
    page.wait_for_timeout(500)
    keep(page, "inside-why")
    # Another session finds the same view by its address; in the dark.
    other = visit(page.url.split("/", 3)[3], color_scheme="dark")
    other.get_by_role("tabpanel", name="Why this mask").get_by_text("what you gave").wait_for()
    other.wait_for_timeout(1500)
    keep(other, "inside-dark")


def test_an_evaluation_is_read_and_a_case_is_opened(visit, keep):
    page = visit("benchmark")
    page.get_by_text("What each stage costs", exact=True).wait_for()
    page.locator("svg.waterfall").first.wait_for()
    page.wait_for_timeout(1000)
    keep(page, "benchmark-numbers")
    page.get_by_role("tab", name="Cases").click()
    case = page.get_by_role("tabpanel", name="Cases").get_by_text("Look inside").first
    case.wait_for()
    page.wait_for_timeout(1000)
    keep(page, "benchmark-cases")
    # The address opens the same tab elsewhere.
    other = visit(page.url.split("/", 3)[3])
    assert other.get_by_role("tab", name="Cases").get_attribute("aria-selected") is not None
    other.get_by_role("tabpanel", name="Cases").get_by_text("Look inside").first.wait_for()
    case.click()
    page.locator("svg.og").wait_for()
    page.wait_for_url("**/inside?run=**")


def test_yaml_is_checked_while_one_types_and_runs(visit, keep):
    page = visit("compose")
    field = page.get_by_label("The method's YAML")
    expect(field).to_have_value(re.compile("propose.detect"))
    shipped = field.input_value()
    field.fill(shipped.replace("nms_iou", "nms_iuo"))
    page.get_by_text(re.compile("has no setting .nms_iuo")).wait_for()
    assert page.get_by_text(re.compile("did you mean .nms_iou")).is_visible()
    assert page.get_by_role("button", name="Run", exact=True).is_disabled()
    page.wait_for_timeout(500)
    keep(page, "compose-fault")
    field.fill(shipped.replace("box_threshold: 0.25", "box_threshold: 0.5"))
    page.get_by_text("No faults.").wait_for()
    run(page)
    assert "box_threshold: 0.5" in field.input_value()
    page.wait_for_timeout(500)
    keep(page, "compose-run")


def test_runs_are_compared(visit, keep):
    page = visit("compare")
    page.get_by_role("button", name="Run all").click()
    page.get_by_text("Look inside").nth(1).wait_for()
    first, second = (page.get_by_role("group", name="Zoom").nth(i) for i in (0, 1))
    canvas = page.locator("canvas").nth(1)
    before = canvas.evaluate("(one) => one.toDataURL()")
    first.get_by_label("Zoom in").click()
    assert canvas.evaluate("(one) => one.toDataURL()") != before  # the other is zoomed as well
    second.get_by_label("Whole picture").click()
    keep(page, "compare-side")
    page.get_by_role("tab", name="Agreement").click()
    page.get_by_role("button", name="all agree").wait_for()
    page.wait_for_timeout(1000)
    keep(page, "compare-agreement")


def test_run_folders_are_compared(visit, keep):
    page = visit("compare")
    page.get_by_role("radio", name="Run folders").click()
    page.get_by_text("Look inside").nth(1).wait_for()
    page.get_by_role("tab", name="Agreement").click()
    page.wait_for_url("**view=Agreement**")
    other = visit(page.url.split("/", 3)[3], color_scheme="dark")
    panel = other.get_by_role("tabpanel", name="Agreement")
    panel.get_by_role("button", name=re.compile("only . first")).wait_for()
    other.wait_for_timeout(1000)
    keep(other, "compare-folders")


def test_four_sessions_at_once_do_not_mix(visit):
    words = ["the brown table", "the purple ball", "the red hat", "the blue chair"]
    pages = [visit() for _ in words]
    for page, text in zip(pages, words, strict=True):
        page.get_by_role("textbox", name="Look for").fill(text)
        page.get_by_role("textbox", name="Look for").press("Control+Enter")
    for page in pages:
        page.get_by_role("button", name="Run", exact=True).click()
    for page, text in zip(pages, words, strict=True):
        page.get_by_text("Look inside this run").wait_for()
        chips = page.get_by_role("group", name="Regions").get_by_role("button").all_inner_texts()
        assert chips
        assert all(chip.startswith(text) for chip in chips)


def test_a_run_can_be_stopped(visit, keep):
    page = visit("?method=lgd")  # a language model is asked about every mask: long enough
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Running propose").wait_for()
    page.get_by_role("button", name="Stop").last.click()
    stopped = page.get_by_text("The run was stopped.")
    stopped.wait_for()
    page.get_by_role("textbox", name="Look for").fill("the red hat")
    page.keyboard.press("Tab")
    page.wait_for_url("**text=**")
    assert stopped.is_visible(), "what became of a run is said until the next one"
    keep(page, "try-stopped")


def test_a_run_folder_is_looked_through(visit, keep, recorded):
    page = visit("runs?folder=first")
    page.get_by_text("asked for").wait_for()
    chips = page.get_by_role("group", name="Regions").get_by_role("button")
    chips.first.wait_for()
    assert chips.count() == 2
    page.wait_for_timeout(500)
    keep(page, "runs")
    page.get_by_text("Run it again and look inside").click()
    page.get_by_role("button", name="node detect").wait_for()
    page.wait_for_url("**/inside?run=**")


def test_a_run_folder_that_goes_away_is_told(visit, recorded):
    gone = shutil.copytree(recorded / "first", recorded / "gone")
    page = visit("runs?folder=gone")
    page.get_by_text("asked for").wait_for()
    shutil.rmtree(gone)
    page.get_by_role("checkbox", name="Labels").wait_for()
    page.reload()
    page.get_by_text("not in the folders of this server").wait_for()


def test_what_is_unknown_in_an_address_is_told(visit):
    page = visit("?method=no_such_method&weights=../../etc&run=gone&nonsense=1")
    page.get_by_text("no_such_method").wait_for()
    page.get_by_text("There is no weights").wait_for()
    page.get_by_text("not on this server any more").wait_for()
    page.locator("canvas").wait_for()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("inside?run=gone&node=x&mask=99", "Make a run first"),
        ("inside?unit=1&folder=../../etc&method=x", "not in the folders"),
        ("compose?yaml=garbage", "holds no method"),
        ("compare?runs=a,b,c", "not on this server any more"),
        ("compare?folder=/etc&folder=/root", "not in the folders"),
        ("runs?folder=/etc&sample=x", "not in the folders"),
        ("benchmark?folder=/etc/passwd&tab=nonsense", "not in the folders"),
    ],
)
def test_every_page_takes_any_address(visit, path, said):
    page = visit(path)
    page.get_by_text(said).first.wait_for()
    assert not page.get_by_text("Traceback").count()
    assert not page.get_by_test_id("stException").count()
