"""Sixteen people at the viewer at once, for minutes: the long form of four who ask once."""

from __future__ import annotations

import os
import time

import pytest

from tests.soaking import FIGURES, tell

SESSIONS = 16
MINUTES = float(os.environ.get("OPENSEG_SOAK_MINUTES", "10"))
WORDS = ["the brown table", "the purple ball", "the red hat", "the blue chair"]


@pytest.mark.skipif(FIGURES is None, reason="takes minutes: make soak")
def test_everyone_gets_what_they_asked_for(visit):
    expect = pytest.importorskip("playwright.sync_api").expect
    pages = [visit() for _ in range(SESSIONS)]
    began, answers = time.monotonic(), 0
    while time.monotonic() - began < 60 * MINUTES:
        rounds = answers // SESSIONS
        asked = [WORDS[(i + rounds) % len(WORDS)] for i in range(SESSIONS)]
        for page, text in zip(pages, asked, strict=True):
            page.get_by_role("textbox", name="Look for").fill(text)
            page.get_by_role("textbox", name="Look for").press("Control+Enter")
            page.get_by_role("button", name="Run", exact=True).click()
        for page, text in zip(pages, asked, strict=True):
            chips = page.get_by_role("group", name="Regions").get_by_role("button")
            expect(chips.first).to_contain_text(text)
            assert all(chip.startswith(text) for chip in chips.all_inner_texts())
            answers += 1
    minutes = (time.monotonic() - began) / 60
    tell("viewer", sessions=SESSIONS, minutes=minutes, answers=answers)
