"""Loaders are found by name, here and in other packages; a wrong name gets the nearest one."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from openseg.types.errors import UserError
from openseg_evals.datasets import registry


def test_every_module_is_a_loader():
    names = registry.dataset_names()
    assert {"refcoco", "grefcoco", "reasonseg", "phrasecut", "grandf"} <= set(names)
    assert "registry" not in names
    for name in names:
        assert callable(registry.find_loader(name).load)


def test_a_wrong_name_gets_the_nearest(tmp_path):
    with pytest.raises(UserError, match=r"no data set 'refcocoo' \(did you mean 'refcoco'"):
        registry.load_dataset("refcocoo", tmp_path, {})


def test_another_package_adds_a_loader(tmp_path, monkeypatch):
    (tmp_path / "their_loader.py").write_text("def load(folder, options): return folder, options")
    monkeypatch.syspath_prepend(tmp_path)
    theirs = EntryPoint("theirs", "their_loader", registry.GROUP)
    monkeypatch.setattr(
        registry, "entry_points", lambda **wanted: EntryPoints([theirs]).select(**wanted)
    )
    assert "theirs" in registry.dataset_names()
    assert registry.load_dataset("theirs", tmp_path, {"a": "b"}) == (tmp_path, {"a": "b"})
