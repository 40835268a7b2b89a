"""The verb from end to end on a case that takes no time, and its answers to mistakes."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
import torch
from typer.testing import CliRunner

from openseg.cli.main import app
from openseg.types.errors import UserError
from openseg_evals.bench import agreement, cases
from openseg_evals.bench.clock import in_turn
from openseg_evals.bench.rows import Floor, Missing, of_times
from openseg_evals.bench.run import run
from openseg_evals.bench.settings import NotMeasuredError, Settings, need


def adds(settings):
    numbers = torch.arange(100_000.0)
    ours, peer = (lambda _: numbers.sum()), (lambda _: sum(numbers.tolist()))
    same = agreement.of_numbers(ours(0).double(), torch.tensor(float(peer(0))), atol=1e4)
    times = in_turn(ours, peer, settings.pairs(2))
    yield of_times("sums", "Python's own", times, Floor("at least", 0.001), same)


def absent(settings):
    need("a_package_nobody_has", "sam")
    yield from ()


def test_a_case_gives_a_line_and_one_that_cannot_says_what_it_needs(tmp_path):
    rows = list(run({"sums": adds, "absent": absent}, Settings(tmp_path, repeats=3)))
    assert [row.name for row in rows] == ["sums", "absent"]
    assert rows[0].holds
    assert rows[0].pairs == 3
    assert isinstance(rows[1], Missing)
    assert 'pip install "openseg[sam]"' in rows[1].reason


def test_the_verb_prints_one_object_and_writes_the_same(tmp_path, monkeypatch):
    monkeypatch.setitem(cases.CASES, "sums", "a case of this test")
    monkeypatch.setattr(cases, "_measure", {"sums": adds}.__getitem__)
    out = tmp_path / "bench.json"
    done = CliRunner().invoke(app, ["bench", "sums", "--repeats", "1", "--json", "--out", str(out)])
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert printed == json.loads(out.read_text())
    assert printed["machine"]["versions"]["torch"] == torch.__version__.split("+")[0]
    assert printed["machine"]["processors"] >= 1
    assert printed["cases"]["sums"]["holds"]


def test_an_unknown_case_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="did you mean 'automatic-masks'"):
        cases.find(["automatic-mask"])
    with pytest.raises(UserError, match="there are grounded-sam"):
        cases.find(["x"])


@pytest.mark.parametrize("name", cases.CASES)
def test_every_case_has_its_file(name):
    module = import_module(f"openseg_evals.bench.cases.{name.replace('-', '_')}")
    assert callable(module.measure)


def test_published_programs_are_found_in_the_folders_given(tmp_path):
    place = tmp_path / "clone" / "tools" / "score.py"
    place.parent.mkdir(parents=True)
    place.touch()
    settings = Settings(tmp_path, official=(tmp_path, tmp_path / "clone"))
    assert settings.official_file("tools/score.py") == place
    with pytest.raises(NotMeasuredError, match=r"pass --official DIR, a clone with other\.py"):
        settings.official_file("other.py")


def test_masks_agree_when_almost_all_have_their_match():
    masks = torch.zeros(3, 20, 30, dtype=torch.bool)
    for row, mask in enumerate(masks):
        mask[:, 8 * row : 8 * row + 8] = True
    assert agreement.of_masks(masks, masks.flip(0))[0]
    assert not agreement.of_masks(masks, masks[:2])[0]
    assert not agreement.of_masks(masks, masks[:0])[0]
