"""An archive of pictures: nearest by inner product, embedded once, kept where it is large."""

from __future__ import annotations

import shutil

import pytest
import torch
from PIL import Image
from torch.nn.functional import normalize

from openseg.models.adapters import image_archive
from openseg.models.store import ModelStore
from openseg.models.tasks.archive import ImageArchive
from openseg.types.errors import InputError, MissingWeightsError

COLOURS = {"a": (250, 10, 10), "b": (10, 250, 10), "c": (10, 10, 250), "d": (200, 60, 10)}


class MeanColour:
    """An encoder whose vectors are mean colours."""

    mean_pixel = (0, 0, 0)

    def __init__(self):
        self.pictures = 0

    def encode_images(self, images):
        self.pictures += len(images)
        means = [one.float().mean(dim=(1, 2)) for one in images]
        return normalize(torch.stack(means), dim=1)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "weights" / "image-archive"
    place.mkdir(parents=True)
    for name, colour in COLOURS.items():
        Image.new("RGB", (9, 7), colour).save(place / f"{name}.png")
    return tmp_path / "weights"


def archive_in(folder):
    return ModelStore(folder, device="cpu").load("image-archive")


def test_fulfils_the_protocol_and_reads_its_pictures(folder):
    archive = archive_in(folder)
    assert isinstance(archive, ImageArchive)
    assert len(archive) == 4
    [blue] = archive.read([2])
    assert blue.pixels[:, 0, 0].tolist() == [10, 10, 250]
    assert blue.size == (7, 9)


def test_the_nearest_pictures_come_first(folder):
    archive, words = archive_in(folder), torch.eye(3)
    found = archive.nearest(words, 2, MeanColour())
    assert found.dtype == torch.int64
    assert found[:, 0].tolist() == [0, 1, 2]
    assert found[0].tolist() == [0, 3], "reddish after red"
    assert archive.nearest(words, 50, MeanColour()).shape == (3, 4), "as many as there are"


def test_pictures_are_embedded_once_for_an_encoder(folder):
    archive, encoder = archive_in(folder), MeanColour()
    archive.nearest(torch.eye(3), 1, encoder)
    archive.nearest(torch.eye(3), 1, encoder)
    assert encoder.pictures == 4


def test_a_large_archive_is_embedded_once_for_all_runs(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(image_archive, "LEAST_KEPT", 2)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    archive_in(folder).nearest(torch.eye(3), 1, MeanColour())
    encoder = MeanColour()
    found = archive_in(folder).nearest(torch.eye(3), 1, encoder)
    assert found[:, 0].tolist() == [0, 1, 2]
    assert encoder.pictures == 1, "the one that tells which encoder it is"
    Image.new("RGB", (4, 4), (0, 0, 255)).save(folder / "image-archive" / "0.png")
    assert archive_in(folder).nearest(torch.eye(3), 1, MeanColour())[2].tolist() == [0]


def test_a_damaged_or_read_only_cache_costs_only_time(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(image_archive, "LEAST_KEPT", 2)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    archive_in(folder).nearest(torch.eye(3), 1, MeanColour())
    [kept] = (tmp_path / "cache").rglob("*.safetensors")
    kept.write_bytes(b"damaged")
    assert archive_in(folder).nearest(torch.eye(3), 1, MeanColour())[:, 0].tolist() == [0, 1, 2]
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "cache").write_text("a file where a folder should be")
    assert archive_in(folder).nearest(torch.eye(3), 1, MeanColour())[:, 0].tolist() == [0, 1, 2]


def test_an_empty_archive_is_refused_with_what_it_could_hold(tmp_path):
    (tmp_path / "image-archive").mkdir()
    with pytest.raises(MissingWeightsError, match=r"image-archive.*\*\.jpg"):
        ModelStore(tmp_path, device="cpu").load("image-archive")


def test_a_changed_picture_is_another_archive(folder):
    before = ModelStore(folder, device="cpu").fingerprint("image-archive")
    Image.new("RGB", (5, 5)).save(folder / "image-archive" / "a.png")
    assert ModelStore(folder, device="cpu").fingerprint("image-archive") != before


def test_a_damaged_picture_is_named(folder):
    (folder / "image-archive" / "b.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"b\.png"):
        archive_in(folder).nearest(torch.eye(3), 1, MeanColour())


def test_words_of_another_model_are_told(folder):
    with pytest.raises(InputError, match=r"length 5.*length 3"):
        archive_in(folder).nearest(torch.eye(5), 1, MeanColour())


def test_the_shipped_archive_holds_pictures():
    archive = ModelStore(device="cpu").load("image-archive")
    assert len(archive) == 300
    assert archive.read([7])[0].size == (256, 256)
