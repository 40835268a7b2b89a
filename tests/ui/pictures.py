"""Makes the README's pictures of the viewer: `python -m tests.ui.pictures`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

import PIL.Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.ui.viewer import chromium, viewer

FOLDER = Path(__file__).parents[2] / "docs" / "images"
MOST_BYTES = 300_000
TALL, WIDE = (1280, 1120), (1560, 640)
WORDS = "the green lamp; the purple ball; the red hat; the blue chair"
NONE = PIL.Image.Dither.NONE
PATIENCE = 300_000
"""Milliseconds."""


def main() -> None:
    """Makes all pictures."""
    with viewer() as address, sync_playwright() as play:
        browser = chromium(play)
        try_result(open_page(browser, f"{address}/?text={WORDS}", TALL))
        ranked = f"{address}/?method=clip_ranked_masks&text={WORDS}"
        inside_why(open_page(browser, ranked, TALL, "dark"))
        compose_fault(open_page(browser, f"{address}/compose", WIDE))
        browser.close()


def open_page(
    browser: Browser, address: str, size: tuple[int, int], look: Literal["light", "dark"] = "light"
) -> Page:
    """A page of its own session."""
    viewport: ViewportSize = {"width": size[0], "height": size[1]}
    page = browser.new_context(viewport=viewport, color_scheme=look).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.locator("canvas").wait_for()
    return page


def run(page: Page) -> None:
    """Runs what the page asks for."""
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Look inside this run").wait_for()


def try_result(page: Page) -> None:
    """Masks for words, with what can be done with them."""
    run(page)
    keep(page, "try-result")


def inside_why(page: Page) -> None:
    """The evidence behind one mask."""
    run(page)
    page.get_by_text("Look inside this run").click()
    page.get_by_role("tab", name="Why this mask").click()
    panel = page.get_by_role("tabpanel", name="Why this mask")
    panel.get_by_role("group", name="Regions").get_by_role("button").nth(1).click()
    panel.get_by_text("what you gave").wait_for()
    keep(page, "inside-why")


def compose_fault(page: Page) -> None:
    """A fault in a method's YAML, where it stands, with what was probably meant."""
    field = page.get_by_label("The method's YAML")
    page.get_by_text("No faults.").wait_for()
    field.fill(field.input_value().replace("nms_iou", "nms_iuo"))
    page.get_by_text("did you mean").wait_for()
    keep(page, "compose-fault")


def keep(page: Page, name: str) -> None:
    """Writes a picture with as many colours as a small file allows."""
    page.mouse.move(16, 400)
    page.mouse.wheel(0, -9000)
    page.wait_for_timeout(1500)  # what fades in has come
    with PIL.Image.open(io.BytesIO(page.screenshot())) as shot:
        image = shot.convert("RGB")
    for colours in (256, 192, 128, 96):
        buffer = io.BytesIO()
        image.quantize(palette=palette(image, colours), dither=NONE).save(
            buffer, "PNG", optimize=True
        )
        if buffer.tell() <= MOST_BYTES:
            break
    assert buffer.tell() <= MOST_BYTES, f"{name} is too large for a README"
    (FOLDER / f"{name}.png").write_bytes(buffer.getvalue())


def palette(image: PIL.Image.Image, colours: int) -> PIL.Image.Image:
    """Colours that are seen often, and some for every hue, also that of small things."""
    often, all_ = PIL.Image.Quantize.MEDIANCUT, PIL.Image.Quantize.MAXCOVERAGE
    few = colours // 3
    shades = [
        image.quantize(n, how).getpalette() for n, how in ((colours - few, often), (few, all_))
    ]
    made = PIL.Image.new("P", (1, 1))
    made.putpalette([value for one in shades for value in one or []])
    return made


if __name__ == "__main__":
    main()
