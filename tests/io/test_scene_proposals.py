"""Proposals of other programs are read as they left them; files of another scene are refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from openseg.io.scene_proposals import read_proposals
from openseg.types.errors import InputError

MASKS = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], dtype=bool)  # four points, two objects
SCORES = np.array([0.9, 0.25])


def scannet(folder):
    (folder / "predicted_masks").mkdir()
    for row, mask in enumerate(MASKS.T):
        lines = "".join(f"{int(inside)}\n" for inside in mask)
        (folder / "predicted_masks" / f"{row}.txt").write_text(lines)
    listed = "predicted_masks/0.txt 5 0.9\npredicted_masks/1.txt 7 0.25\n"
    (folder / "scene.txt").write_text(listed)
    return folder / "scene.txt"


def numpy_file(folder):
    np.savez(folder / "scene.npz", masks=MASKS, scores=SCORES)
    return folder / "scene.npz"


def torch_file(folder):
    torch.save((torch.tensor(MASKS).float(), torch.tensor(SCORES)), folder / "scene.pt")
    return folder / "scene.pt"


@pytest.mark.parametrize("write", [scannet, numpy_file, torch_file])
def test_each_format_gives_the_same_objects(write, tmp_path):
    found = read_proposals(write(tmp_path), 4)
    assert torch.equal(found.masks(), torch.tensor(MASKS.T))
    assert found.scores.tolist() == pytest.approx(SCORES.tolist())


def test_masks_alone_are_all_sure(tmp_path):
    torch.save(torch.tensor(MASKS), tmp_path / "masks.pt")
    assert read_proposals(tmp_path / "masks.pt", 4).scores.tolist() == [1, 1]


def test_no_objects_are_a_normal_answer(tmp_path):
    (tmp_path / "scene.txt").write_text("")
    assert len(read_proposals(tmp_path / "scene.txt", 4)) == 0


class Evil:
    def __reduce__(self):
        return (print, ("run",))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda f: f / "missing.npz", "no such file"),
        (lambda f: f / "masks.h5", "is not a file of proposals"),
        (lambda f: torch.save(Evil(), f / "evil.pt") or f / "evil.pt", "cannot be read"),
        (lambda f: (f / "x.npz").write_bytes(b"x") and f / "x.npz", "cannot be read"),
        (lambda f: (f / "a.txt").write_text("one two\n") and f / "a.txt", "a line has a mask file"),
        (
            lambda f: (f / "b.txt").write_text("../../m.txt 1 1\n") and f / "b.txt",
            "lies outside the folder",
        ),
    ],
)
def test_what_cannot_be_used_is_said(make, said, tmp_path, capsys):
    with pytest.raises(InputError, match=said):
        read_proposals(make(tmp_path), 4)
    assert "run" not in capsys.readouterr().out


def test_proposals_of_another_cloud_are_refused(tmp_path):
    with pytest.raises(InputError, match="speaks of 4 points, the cloud has 9"):
        read_proposals(numpy_file(tmp_path), 9)
