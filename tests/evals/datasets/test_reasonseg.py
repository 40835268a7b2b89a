"""ReasonSeg: the first text is asked, ignored pixels are no target, the truth scores 1."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.datasets.expressions import answers
from tests.evals.truth_as_answer import write_json, write_picture

pytest.importorskip("cv2")

SQUARE = [[10, 10], [29, 10], [29, 29], [10, 29]]
INNER = [[12, 12], [15, 12], [15, 15], [12, 15]]


def write(folder, name, shapes, text, is_sentence, encoding="utf-8"):
    folder.mkdir(parents=True, exist_ok=True)
    write_picture(folder / f"{name}.jpg", 40, 50)
    content = {
        "shapes": [{"label": label, "points": points} for label, points in shapes],
        "text": text,
        "is_sentence": is_sentence,
    }
    write_json(folder / f"{name}.json", content)
    file = folder / f"{name}.json"
    file.write_bytes(file.read_text().replace("\\u00e9", "é").encode(encoding))


@pytest.fixture
def folder(tmp_path):
    here = tmp_path / "ReasonSeg" / "val"
    write(here, "b", [("target", SQUARE), ("ignore", INNER)], ["what holds soup?", "or"], True)
    write(here, "a", [("Target", SQUARE), ("flag", INNER)], ["the café cup"], False, "cp1252")
    write(here, "c", [("flag", SQUARE)], "a unicorn", False)
    return tmp_path / "ReasonSeg"


def test_samples(folder):
    cup, soup, nothing = load_dataset("reasonseg", folder, {}).samples
    assert [one.id for one in (cup, soup, nothing)] == ["a", "b", "c"]
    assert (cup.phrases, soup.phrases) == (("the café cup",), ("what holds soup?",))
    assert nothing.phrases == ("a unicorn",)
    assert (cup.tags, soup.tags) == ({"is_sentence": "no"}, {"is_sentence": "yes"})
    assert (cup.key, cup.unit, cup.size) == ({"image": "a"}, "a", (40, 50))
    assert not nothing.targets()


def test_ignored_pixels_are_no_target(folder):
    _, soup, _ = load_dataset("reasonseg", folder, {}).samples
    [target] = soup.targets()
    expected = np.zeros((40, 50), bool)
    expected[10:30, 10:30] = True
    expected[12:16, 12:16] = False
    assert np.array_equal(rle.decode(target.mask), expected)


@pytest.mark.parametrize("parent", [False, True])
def test_the_truth_scores_1(folder, parent, tmp_path):
    dataset = load_dataset("reasonseg", folder.parent if parent else folder, {"split": "val"})
    found = score(
        "reasoning",
        dataset.truth(tmp_path),
        answers(dataset, tmp_path / "answers.jsonl"),
        dataset.metric_options,
    )
    assert found["cIoU"] == pytest.approx(1)
    assert found["gIoU"] == pytest.approx(1, abs=1e-5)  # LISA divides by n + 1e-5
    assert found["samples"] == 3


def test_a_missing_split_or_picture_is_named(folder):
    with pytest.raises(InputError, match=r"there is no test or ReasonSeg/test .*LISA"):
        load_dataset("reasonseg", folder, {"split": "test"})
    (folder / "val/a.jpg").unlink()
    with pytest.raises(InputError, match=r"val: 1 of 3 pictures are missing: a\.jpg"):
        load_dataset("reasonseg", folder, {})


def test_a_truncated_or_empty_question_is_named(folder):
    write(folder / "val", "b", [("target", SQUARE)], [], True)
    with pytest.raises(InputError, match=r"b\.json: asks nothing"):
        load_dataset("reasonseg", folder, {})
    (folder / "val/b.json").write_text('{"shapes": [')
    with pytest.raises(InputError, match=r"b\.json: is cut short"):
        load_dataset("reasonseg", folder, {})


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("reasonseg", folder)
