"""Lines of the table: which way ratios go, when floors hold, what JSON says."""

from __future__ import annotations

import json

import jsonschema
import pytest

from openseg_evals.bench import table
from openseg_evals.bench.clock import Pairs, Timing
from openseg_evals.bench.rows import Floor, Missing, of_times, of_values

ROW = {
    "type": "object",
    "required": ["ours", "peer", "ratio", "floor", "holds"],
    "properties": {
        "ours": {"type": "number"},
        "peer": {"type": "number"},
        "ratio": {"type": "number"},
        "interval": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "cpu_ratio": {"type": ["number", "null"]},
        "floor": {"type": "number"},
        "bound": {"enum": ["at most", "at least"]},
        "holds": {"type": "boolean"},
        "agrees": {"type": "boolean"},
    },
}
SCHEMA = {
    "type": "object",
    "required": ["machine", "size", "cases"],
    "properties": {
        "machine": {"type": "object"},
        "size": {"enum": ["small", "full"]},
        "cases": {
            "type": "object",
            "additionalProperties": {"anyOf": [ROW, {"required": ["not_measured"]}]},
        },
    },
}


def pairs(ours, peer):
    return Pairs(
        tuple(Timing(one, 2 * one) for one in ours), tuple(Timing(one, one) for one in peer)
    )


@pytest.mark.parametrize(
    ("bound", "floor", "ratio", "cpu", "holds"),
    [
        ("at most", 0.5, 0.5, 1.0, True),
        ("at most", 0.4, 0.5, 1.0, False),
        ("at least", 2.0, 2.0, 1.0, True),
        ("at least", 2.1, 2.0, 1.0, False),
    ],
)
def test_ratios_read_as_their_floor_says(bound, floor, ratio, cpu, holds):
    row = of_times("a", "b", pairs([1, 2], [2, 4]), Floor(bound, floor), (True, "equal"))
    assert (row.ratio.median, row.cpu_ratio, row.holds) == (ratio, cpu, holds)


def test_a_fast_wrong_answer_does_not_hold():
    row = of_times("a", "b", pairs([1], [9]), Floor("at least", 2), (False, "3 masks differ"))
    assert not row.holds
    assert "RESULTS DIFFER: 3 masks differ" in table.remarks([row])[0]


def test_runs_too_short_for_the_clock_of_processors_have_no_such_ratio():
    short = Pairs((Timing(0.01, 0.0),), (Timing(0.01, 0.0),))
    assert of_times("a", "b", short, Floor("at most", 2), (True, "")).cpu_ratio is None


def test_json_and_table_say_the_same():
    rows = [
        of_times("quick", "slow", pairs([1], [3]), Floor("at least", 2), (True, "equal")),
        of_values("calls", "each", "calls", [1.0], [12.0], Floor("at least", 12), (True, "equal")),
        Missing("elsewhere", "pass --official DIR"),
    ]
    found = json.loads(json.dumps(table.as_json({"processors": 2}, rows, full=False)))
    jsonschema.validate(found, SCHEMA)
    assert list(found["cases"]) == ["quick", "calls", "elsewhere"]
    assert found["cases"]["elsewhere"] == {"not_measured": "pass --official DIR"}
    cells = table.as_table(rows)
    assert [len(line) for line in cells] == [len(table.HEAD)] * 3
    assert cells[0][-1] == "yes"
    assert cells[2][-1] == "not measured"
