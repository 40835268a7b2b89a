"""Label maps: the class of the best region at each pixel, drawn by hand and as scored."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from openseg_evals.score.registry import resolve_conventions, score
from openseg_evals.tasks.registry import find_task
from tests.evals.tasks.drawn import answer, mask, nothing, sample

SIZE = (2, 4)
CLASSES = {"phrases": ("cat", "sky"), "class_ids": (7, 30), "size": SIZE}
HOLE = 255


def open_maps(folder, **options):
    return find_task("semantic")(folder, {"ignore": str(HOLE), **options})


def labels(file, name="1"):
    with Image.open(file.path / f"{name}.png") as image:
        return np.asarray(image), image.mode


def test_the_best_region_gives_its_class(tmp_path):
    file = open_maps(tmp_path)
    file.write(
        sample(**CLASSES),
        answer((mask("###.", "###."), 0.5, 1), (mask("..##", "...."), 0.9, 0)),
    )
    found, mode = labels(file)
    assert found.tolist() == [[30, 30, 7, 7], [30, 30, 30, HOLE]]
    assert mode == "L"


def test_of_equal_scores_the_earlier_wins(tmp_path):
    file = open_maps(tmp_path)
    first, second = mask("##..", "...."), mask(".##.", "....")
    file.write(sample(1, **CLASSES), answer((first, 0.5, 0), (second, 0.5, 1)))
    file.write(sample(2, **CLASSES), answer((second, 0.5, 1), (first, 0.5, 0)))
    assert labels(file, "1")[0].tolist()[0] == [7, 7, 30, HOLE]
    assert labels(file, "2")[0].tolist()[0] == [7, 30, 30, HOLE]


def test_uncovered_pixels_are_of_the_background_class_if_there_is_one(tmp_path):
    file = open_maps(tmp_path)
    region = answer((mask("#...", "...."), 0.5, 0))
    with_background = {**CLASSES, "class_ids": (7, 0), "background": 0}
    file.write(sample(1, **with_background), region)
    file.write(sample(2, **with_background), nothing(*SIZE))
    file.write(sample(3, **with_background), None)
    file.write(sample(4, **CLASSES), nothing(*SIZE))
    file.write(sample(5, **CLASSES), None)
    assert labels(file, "1")[0].tolist() == [[7, 0, 0, 0], [0, 0, 0, 0]]
    assert all((labels(file, name)[0] == 0).all() for name in "23")
    assert all((labels(file, name)[0] == HOLE).all() for name in "45")


def test_phrases_of_one_class_share_their_label(tmp_path):
    """A region's class is a place among the distinct classes, not among the phrases."""
    file = open_maps(tmp_path)
    words = sample(phrases=("cat", "kitten", "sky"), class_ids=(7, 7, 30), size=SIZE)
    file.write(words, answer((mask("#...", "...."), 0.5, 1)))
    assert labels(file)[0][0, 0] == 30
    [shown] = file.regions(words)
    assert words.phrases[shown.phrase] == "sky"


def test_labels_above_255_are_written_with_16_bits_and_score(tmp_path):
    file = open_maps(tmp_path, ignore="65535")
    wide = {"phrases": ("cat", "sky"), "class_ids": (7, 300), "size": SIZE}
    file.write(sample(1, **wide), answer((mask("###.", "####"), 0.5, 1)))
    file.write(sample(2, **wide), answer((mask("####", "####"), 0.5, 0)))
    found, mode = labels(file)
    assert found.tolist() == [[300, 300, 300, 65535], [300] * 4]
    assert mode.startswith("I;16")
    truth = tmp_path / "truth"
    truth.mkdir()
    for name, rows in (("1", [[300] * 4, [7] * 4]), ("2", [[7] * 4, [7, 7, 300, 300]])):
        Image.fromarray(np.array(rows, dtype=np.uint16)).save(truth / f"{name}.png")
    options = {"classes": "847", "ignore": "65535"}
    result = score("semantic", truth, file.path, options)
    # 300: 3 right of 4 + 2 true and 7 + 0 answered; 7: 6 right of 4 + 6 true and 8 answered.
    assert result["mIoU"] == pytest.approx(100 * (3 / 10 + 6 / 12) / 2)
    assert result["pACC"] == pytest.approx(100 * 9 / 16)


def test_a_map_of_nothing_scores_nothing(tmp_path):
    file = open_maps(tmp_path)
    file.write(sample(**{**CLASSES, "class_ids": (0, 1)}), None)
    (tmp_path / "truth").mkdir()
    Image.fromarray(np.array([[0, 0, 1, 1]] * 2, dtype=np.uint8)).save(tmp_path / "truth" / "1.png")
    options = resolve_conventions("semantic", {"classes": "2"})
    assert score("semantic", tmp_path / "truth", file.path, options)["mIoU"] == 0


def test_an_image_that_is_written_again_is_the_same(tmp_path):
    file = open_maps(tmp_path)
    found = answer((mask("###.", "###."), 0.5, 1))
    file.write(sample(**CLASSES), found)
    before = (file.path / "1.png").read_bytes()
    file.back_to(file.mark())
    file.write(sample(**CLASSES), found)
    file.finish()
    assert (file.path / "1.png").read_bytes() == before
    assert [path.name for path in file.path.iterdir()] == ["1.png"]
