"""Label volumes as other programs write them: what is read, and what is said of broken ones."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from PIL import Image

from openseg.types.errors import InputError
from openseg_evals.formats.volumes import (
    MAX_BYTES,
    Volume,
    need_same_grid,
    paired_volumes,
    read_volume,
)
from tests.fuzzing import fuzz_files
from tests.soaking import times

nibabel = pytest.importorskip("nibabel")

LABELS = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def save_nifti(path, labels=LABELS, spacing=(0.7, 0.8, 3.0), unit="mm"):
    image = nibabel.Nifti1Image(labels, np.diag([*spacing, 1.0]))
    image.header.set_xyzt_units(unit)
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_nifti_says_its_spacing(tmp_path, name):
    volume = read_volume(save_nifti(tmp_path / name))
    assert np.array_equal(volume.labels, LABELS)
    assert volume.spacing == pytest.approx((0.7, 0.8, 3.0))


@pytest.mark.parametrize(("unit", "factor"), [("meter", 1000), ("micron", 0.001), ("unknown", 1)])
def test_spacing_is_in_mm_whatever_the_unit(tmp_path, unit, factor):
    volume = read_volume(save_nifti(tmp_path / "a.nii", unit=unit))
    assert volume.spacing == pytest.approx((0.7 * factor, 0.8 * factor, 3.0 * factor))


def test_a_trailing_axis_of_one_and_whole_floats_are_labels(tmp_path):
    path = save_nifti(tmp_path / "a.nii.gz", LABELS[..., None].astype(np.float32))
    volume = read_volume(path)
    assert np.array_equal(volume.labels, LABELS)
    assert len(volume.spacing) == 3


def test_arrays(tmp_path):
    np.save(tmp_path / "a.npy", LABELS > 3)
    assert read_volume(tmp_path / "a.npy").labels.sum() == 20
    np.savez(tmp_path / "b.npz", imgs=LABELS, gts=LABELS * 2, spacing=np.array([1, 2, 3.5]))
    volume = read_volume(tmp_path / "b.npz")
    assert np.array_equal(volume.labels, LABELS * 2)
    assert volume.spacing == (1, 2, 3.5)
    np.savez(tmp_path / "c.npz", LABELS)
    assert read_volume(tmp_path / "c.npz").spacing is None


def test_names_match_across_formats_and_folders(tmp_path):
    for room in ("truth", "pred"):
        (tmp_path / room / "ct").mkdir(parents=True)
    save_nifti(tmp_path / "truth/ct/1.5mm.nii.gz")
    np.save(tmp_path / "pred/ct/1.5mm.npy", LABELS)
    (tmp_path / "pred/notes.txt").write_text("")
    assert list(paired_volumes(tmp_path / "truth", tmp_path / "pred", "error")) == ["ct/1.5mm"]


def refused(path, message):
    with pytest.raises(InputError, match=message) as error:
        read_volume(path)
    assert str(path) in str(error.value)
    assert error.value.fix


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS + 0.5, r"holds 0\.5, not a label"),
        (np.full((2, 2), np.nan), "holds nan, not a label"),
        (LABELS.astype(np.int16) - 3, "holds labels from -3 to 20"),
        (np.array(["a"]), "has shape 1"),
        (np.array([["a"]]), "holds <U1"),
        (np.zeros((2, 2, 2, 2)), "has shape 2 x 2 x 2 x 2"),
        (np.zeros((0, 2)), "has shape 0 x 2"),
    ],
)
def test_what_is_no_label_map(tmp_path, labels, message):
    np.save(tmp_path / "a.npy", labels)
    refused(tmp_path / "a.npy", message)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.npy", "a.npz", "a.png"])
@pytest.mark.parametrize("part", ["half", "nothing", "other"])
def test_broken_files(tmp_path, name, part):
    path = tmp_path / name
    if ".nii" in name:
        save_nifti(path)
    elif name.endswith(".png"):
        Image.fromarray(np.arange(4096, dtype=np.uint8).reshape(64, 64)).save(path)
    else:
        (np.savez if name.endswith("z") else np.save)(path, LABELS)
    whole = path.read_bytes()
    path.write_bytes({"half": whole[: len(whole) // 2], "nothing": b"", "other": b"text"}[part])
    refused(path, "cannot be (read|decoded)")


def test_an_archive_must_say_which_array(tmp_path):
    np.savez(tmp_path / "a.npz", one=LABELS, two=LABELS)
    refused(tmp_path / "a.npz", "holds the arrays one, two")


@pytest.mark.parametrize(
    ("spacing", "message"),
    [
        ([1, np.nan, 1], "spacing is 1, nan, 1"),
        ([1, 0, 1], "spacing is 1, 0, 1"),
        ([1, 1], "spacing has 2 numbers, the array has 3 axes"),
    ],
)
def test_spacing_that_measures_nothing(tmp_path, spacing, message):
    np.savez(tmp_path / "a.npz", gts=LABELS, spacing=np.array(spacing))
    refused(tmp_path / "a.npz", message)


def test_colours_are_not_labels(tmp_path):
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "a.png")
    refused(tmp_path / "a.png", "has channels RGB")


def test_grids_must_agree(tmp_path):
    truth = read_volume(save_nifti(tmp_path / "a.nii"))
    moved = truth._replace(affine=truth.affine + np.eye(4)[:, [3]] * 5)
    with pytest.raises(InputError, match="lies elsewhere in space than the truth"):
        need_same_grid(moved, truth, tmp_path / "b.nii")
    with pytest.raises(InputError, match="is 2 x 3, the truth is 2 x 3 x 4"):
        need_same_grid(Volume(LABELS[..., 0]), truth, tmp_path / "b.npy")
    need_same_grid(Volume(LABELS), truth, tmp_path / "b.npy")  # an array says nothing of its place


@pytest.mark.parametrize(
    ("truth", "pred", "message"),
    [
        (["a.npy", "b.npy"], ["a.npy"], "1 of 2 predictions are missing: b"),
        (["a.npy"], ["a.npy", "b.npy"], "1 predictions have no truth: b"),
        (["a.npy", "a.png"], ["a.npy"], "case a lies there twice: a.npy, a.png"),
        ([], ["a.npy"], "holds no volume"),
        (["a.npy"], None, "no such folder"),
    ],
)
def test_folders_that_do_not_fit(tmp_path, truth, pred, message):
    for room, names in (("truth", truth), ("pred", pred)):
        for name in names or ():
            (tmp_path / room).mkdir(exist_ok=True)
            (tmp_path / room / name).write_bytes(b"")
    (tmp_path / "truth").mkdir(exist_ok=True)
    with pytest.raises(InputError, match=message):
        paired_volumes(tmp_path / "truth", tmp_path / "pred", "error")


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.npy", "a.npz", "a.png"])
def test_broken_volumes_are_read_or_refused(tmp_path, name):
    path = tmp_path / name
    if ".nii" in name:
        save_nifti(path)
    elif name == "a.png":
        Image.fromarray(LABELS[0]).save(path)
    else:
        (np.savez if name == "a.npz" else np.save)(path, LABELS)
    fuzz_files(f"volumes ({name[2:]})", [path], read_volume, times(40, 2000))


def test_a_volume_that_claims_too_much_is_refused_before_it_is_read(tmp_path):
    image = nibabel.Nifti1Image(LABELS, np.eye(4))
    image.header.set_data_shape((32000, 32000, 32000))
    (tmp_path / "a.nii").write_bytes(image.header.binaryblock + bytes(600))
    refused(tmp_path / "a.nii", f"more than {MAX_BYTES:,}")
    np.savez(tmp_path / "a.npz", gts=LABELS)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("spacing.npy", b"")
        archive.getinfo("gts.npy").file_size = MAX_BYTES + 1
    refused(tmp_path / "a.npz", f"more than {MAX_BYTES:,}")
