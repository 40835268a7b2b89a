"""What language models cost: of one call, and of a run over all its calls."""

from __future__ import annotations

from openseg.api.spending import line, since, together

FIRST = {"questions": 10, "failures": 1, "prompt_tokens": 100, "reply_tokens": 20, "cost": 0.25}
NOW = {"questions": 14, "failures": 1, "prompt_tokens": 150, "reply_tokens": 22, "cost": 0.5}
EURO = {"currency": "EUR"}


def test_a_call_pays_for_what_it_asked_itself():
    spent = since(
        {"vlm": {**NOW, **EURO}, "idle": FIRST}, {"vlm": {**FIRST, **EURO}, "idle": FIRST}
    )
    assert spent == {
        "vlm": {
            "questions": 4,
            "failures": 0,
            "prompt_tokens": 50,
            "reply_tokens": 2,
            "cost": 0.25,
            "currency": "EUR",
        }
    }


def test_a_model_that_was_loaded_since_pays_for_all():
    assert since({"vlm": {**NOW, **EURO}}, {}) == {"vlm": {**NOW, **EURO}}


def test_a_resumed_run_adds_up():
    total = together({"vlm": {**FIRST, **EURO}}, {"vlm": {**NOW, **EURO}, "other": NOW})
    assert total["vlm"]["questions"] == 24
    assert total["vlm"]["cost"] == 0.75
    assert total["vlm"]["currency"] == "EUR"
    assert total["other"] == NOW
    assert together({"vlm": FIRST}, {}) == {"vlm": FIRST}


def test_a_line_names_what_went_wrong_and_what_it_cost():
    assert line("vlm", {**NOW, **EURO}) == (
        "vlm: 14 questions, 1 without a reply, 150 tokens read, 22 written, 0.5000 EUR"
    )
    free = {**NOW, **EURO, "failures": 0, "cost": 0.0}
    assert line("vlm", free) == "vlm: 14 questions, 150 tokens read, 22 written"
