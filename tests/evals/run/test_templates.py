"""Methods that look for things by pictures get those of the benchmark, or a clear refusal."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image as Picture

from openseg.types import Boxes, Image, Masks, Points, Templates, TextQuery
from openseg.types.errors import InputError, UserError
from openseg_evals.run.inputs import check_inputs, check_templates, samples_for
from openseg_evals.samples import EvalSample, TemplateFile

GRAPH = SimpleNamespace(
    name="by_picture", inputs={"image": Image, "support": Templates}, optional=frozenset()
)


def save(path, pixels):
    Picture.fromarray(np.asarray(pixels, dtype=np.uint8)).save(path)
    return path


def sample(folder: Path, id_, templates):
    image = save(folder / "image.png", np.zeros((6, 8, 3)))
    names = {"phrases": ("ape", "cat"), "class_ids": (5, 7)}
    key = {"image_id": 1}
    return EvalSample(id_, id_, image, (6, 8), key=key, targets=list, templates=templates, **names)


@pytest.fixture
def templates(tmp_path):
    mask = np.zeros((4, 4))
    mask[1:3, 1:] = 255
    picture = save(tmp_path / "cat.png", np.full((4, 4, 3), 9))
    return (TemplateFile(picture, save(tmp_path / "mask.png", mask), 1),)


def test_templates_carry_the_phrase_they_show(tmp_path, templates):
    samples = [sample(tmp_path, name, templates) for name in ("a", "b")]
    check_inputs(GRAPH)
    check_templates([GRAPH], samples)
    first, second = (one.read()["support"] for one in samples_for([GRAPH], samples, "cpu"))
    assert second is first  # read once for all samples
    [one] = first.items
    assert (one.phrase.text, one.phrase.class_id) == ("cat", 1)
    assert int(one.mask.sum()) == 6
    assert torch.equal(one.image.pixels, torch.full((3, 4, 4), 9, dtype=torch.uint8))


def test_a_data_set_without_templates_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(UserError, match="by_picture: the data set gives no templates"):
        check_templates([GRAPH], [sample(tmp_path, "a", ())])


def test_a_mask_that_fits_no_picture_is_named(tmp_path, templates):
    save(tmp_path / "mask.png", np.full((5, 4), 255))
    [one] = samples_for([GRAPH], [sample(tmp_path, "a", templates)], "cpu")
    with pytest.raises(InputError, match=r"mask\.png: the mask is 4x5"):
        one.read()


COMPOSED = SimpleNamespace(
    name="composed",
    inputs={
        "image": Image,
        "query": TextQuery,
        "boxes": Boxes,
        "points": Points,
        "masks": Masks,
        "support": Templates,
    },
    optional=frozenset({"query", "boxes", "points", "masks", "support"}),
)


def test_what_a_benchmark_has_not_stays_empty_where_it_may_be_left_out(tmp_path):
    check_inputs(COMPOSED)
    check_templates([COMPOSED], [sample(tmp_path, "a", ())])
    [one] = samples_for([COMPOSED], [sample(tmp_path, "a", ())], "cpu")
    values = one.read()
    assert [phrase.text for phrase in values["query"].phrases] == ["ape", "cat"]
    assert [len(values[name]) for name in ("boxes", "points", "masks", "support")] == [0] * 4
    assert tuple(values["masks"].data.shape) == (0, 6, 8)


def test_what_is_needed_and_only_people_can_draw_is_refused():
    clicks = SimpleNamespace(
        name="clicks", inputs={"image": Image, "points": Points}, optional=frozenset()
    )
    with pytest.raises(UserError, match="not 'points'"):
        check_inputs(clicks)


def test_a_method_of_drawings_alone_cannot_be_asked():
    drawn = SimpleNamespace(
        name="drawn", inputs={"image": Image, "boxes": Boxes}, optional=frozenset({"boxes"})
    )
    with pytest.raises(UserError, match="takes neither"):
        check_inputs(drawn)
