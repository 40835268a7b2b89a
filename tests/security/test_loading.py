"""Nothing that is loaded runs: no code beside weights, no archive, no program outside."""

from __future__ import annotations

import ast
import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image

from openseg.io.images import read_image
from openseg.models.store import ModelStore
from openseg.types.errors import InputError, MissingWeightsError
from openseg.types.scenes.frame_files import read_color
from openseg_evals.formats.labels import read_labels

ROOT = Path(__file__).parents[2]
ROOMS = ("openseg", "evals/openseg_evals", "ui/openseg_ui")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))

# Each is allowed in the files named beside it, for the reason given there.
CALLS = {
    "pickle.loads": set(),
    "pickle.Unpickler": set(),
    "pickle.dumps": {"openseg/mini/rooms/formats/stills/refer.py"},
    "pickle.load": set(),
    "subprocess.run": {"evals/openseg_evals/bench/child.py"},
    "subprocess.Popen": set(),
    "os.system": set(),
    "os.popen": set(),
    "yaml.load": set(),
    "yaml.unsafe_load": set(),
    "yaml.full_load": set(),
    "marshal.loads": set(),
    "shelve.open": set(),
    "tarfile.open": set(),
    "zipfile.ZipFile": set(),
    "shutil.unpack_archive": set(),
    "tempfile.mktemp": set(),
    "joblib.load": set(),
    "eval": set(),
    "exec": set(),
    "compile": set(),
    "__import__": set(),
}
"""One room writes RefCOCO's files; `openseg bench` starts itself. No archive is unpacked."""

EVIL = "from pathlib import Path\nPath({place!r}).write_text('ran')\nclass Evil: pass\n"


def called(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [(ast.unparse(call.func), call) for call in calls]


def test_what_could_run_code_or_unpack_is_not_called():
    found = {}
    for path in SOURCES:
        place = path.relative_to(ROOT).as_posix()
        for name, call in called(ast.parse(path.read_text("utf-8"))):
            if name in CALLS and place not in CALLS[name]:
                found[f"{place}:{call.lineno}"] = name
            words = {one.arg: one.value for one in call.keywords}
            if "trust_remote_code" in words or "shell" in words:
                found[f"{place}:{call.lineno}"] = "trust_remote_code or shell"
            if name in {"torch.load", "np.load", "numpy.load"}:
                safe = words.get("weights_only" if name == "torch.load" else "allow_pickle")
                good = name == "torch.load" and ast.unparse(safe or ast.Constant(None)) == "True"
                good |= name != "torch.load" and (
                    safe is None or ast.unparse(safe) == "False"  # numpy's own default is False
                )
                if not good:
                    found[f"{place}:{call.lineno}"] = name
    assert not found


@pytest.mark.parametrize("family", ["clip", "sam"])
def test_code_beside_weights_is_not_run(family, tmp_path):
    shipped = Path(str(files("openseg"))) / "mini" / "weights" / family
    folder = tmp_path / family
    shutil.copytree(shipped, folder)
    (folder / "evil.py").write_text(EVIL.format(place=str(tmp_path / "pwned")))
    for file in folder.glob("*config.json"):
        config = json.loads(file.read_text("utf-8"))
        classes = ("AutoConfig", "AutoModel", "AutoProcessor", "AutoTokenizer")
        config["auto_map"] = dict.fromkeys(classes, "evil.Evil")
        file.write_text(json.dumps(config))
    ModelStore({family: folder}, device="cpu").load(family)
    assert not (tmp_path / "pwned").exists()


def test_a_folder_with_only_a_pickle_is_refused_with_the_way_out(tmp_path):
    shipped = Path(str(files("openseg"))) / "mini" / "weights" / "clip"
    folder = tmp_path / "clip"
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    with pytest.raises(MissingWeightsError, match=r"only a pickle is here.*convert it once"):
        ModelStore({"clip": folder}, device="cpu").load("clip")


@pytest.mark.parametrize("read", [read_image, lambda path: read_color(str(path)), read_labels])
def test_no_picture_starts_a_program(read, tmp_path, monkeypatch):
    """Pillow hands EPS files to Ghostscript, which is a programming language."""
    ran = tmp_path / "bin" / "ran"
    ran.parent.mkdir()
    for name in ("gs", "gswin64c"):
        (ran.parent / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
        (ran.parent / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(ran.parent), prepend=":")
    path = tmp_path / "picture.png"
    Image.new("RGB", (8, 8)).save(path, "EPS")
    with pytest.raises(InputError):
        read(path)
    assert not ran.exists()


@pytest.mark.parametrize("read", [read_image, lambda path: read_color(str(path)), read_labels])
def test_a_picture_that_claims_too_many_pixels_is_refused(read, tmp_path):
    from tests.io.pictures import png_start

    path = tmp_path / "bomb.png"
    path.write_bytes(png_start(30000, 30000))
    with pytest.raises(InputError, match=r"exceeds limit|pixels"):
        read(path)
