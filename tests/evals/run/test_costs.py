"""What an evaluation cost goes on where a stopped session left it, money too."""

from __future__ import annotations

from openseg_evals.run.costs import Costs

ASKED = {"questions": 3, "prompt_tokens": 40, "cost": 0.5, "currency": "EUR"}
NOTHING = {"questions": 0, "prompt_tokens": 0, "cost": 0.0, "currency": "EUR"}


def test_spending_adds_up_over_sessions():
    first = Costs(["lgd"])
    first.spend({"vlm": ASKED})
    first.spend({"vlm": ASKED})  # a report counts from the start of the session
    second = Costs(["lgd"], first.as_json())
    second.spend({"vlm": ASKED})
    assert second.as_json()["spending"]["vlm"]["questions"] == 6
    assert second.as_json()["spending"]["vlm"]["cost"] == 1.0


def test_models_that_were_not_asked_are_left_out():
    costs = Costs(["lgd"])
    costs.spend({"vlm": NOTHING})
    assert costs.as_json()["spending"] == {}


def test_shards_add_up():
    parts = [Costs(["lgd"]), Costs(["lgd"])]
    for part in parts:
        part.methods = {"lgd": []}
        part.spend({"vlm": ASKED})
    joined = Costs.join([part.as_json() for part in parts])
    assert joined["spending"]["vlm"]["questions"] == 6
