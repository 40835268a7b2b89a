"""Prompts as files: shipped ones are whole, names are pinned, faults are told with the method."""

from __future__ import annotations

from pathlib import Path

import pytest

from openseg.graph.loader import check, load
from openseg.mini.rooms.sentences import words
from openseg.models.store import ModelStore
from openseg.stages.prompt_files import INSTRUCTIONS, pinned, prompt_names, read_prompt

METHOD = """
name: told
inputs: {image: Image, query: TextQuery}
models: {language: vlm}
nodes:
  tell: {use: describe.phrases, in: {image: image, query: query}, prompt: PROMPT}
outputs: {told: tell.descriptions}
"""
OWN = """
version: 3
source: mine
wordings:
  instructions: {pictures: [whole], ask: "what is {phrase}?", again: "say what {phrase} is"}
"""


def method(folder: Path, prompt: str) -> str:
    path = folder / "told.yaml"
    path.write_text(METHOD.replace("PROMPT", prompt))
    return str(path)


@pytest.mark.parametrize("name", prompt_names())
def test_a_shipped_prompt_has_a_version_a_source_and_all_wordings(name):
    prompt = read_prompt(name)
    assert set(prompt.wordings) == {INSTRUCTIONS, "rooms"}
    assert name == pinned(name).partition("@")[0]
    # Slots that only one of the two tries has would be forgotten in the other.
    for wording in prompt.wordings.values():
        filled = dict.fromkeys(wording.slots(), "THIS")
        assert all(
            ("THIS" in wording.words(filled, again)) == bool(filled) for again in (False, True)
        )


@pytest.mark.parametrize("name", prompt_names())
def test_the_mini_model_is_asked_in_words_it_was_taught(name):
    wording = read_prompt(name).wording("rooms")
    filled = dict.fromkeys(wording.slots(), "cup")
    for again in (False, True):
        asked = wording.words(filled, again).replace("?", "").replace(".", "").replace(":", "")
        # Two words that its recipe adds to those of the rooms.
        assert set(asked.split()) <= {*words(), "describe", "picture"}


def test_an_unknown_wording_falls_back_to_instructions():
    prompt = read_prompt("attributes")
    assert prompt.wording("klingon") is prompt.wordings[INSTRUCTIONS]


def test_a_changed_file_is_another_setting(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    before = pinned(str(file))
    assert before.startswith(f"{file}@3#")
    assert pinned(before) == before
    file.write_text(OWN.replace("say what", "tell me what"))
    assert pinned(str(file)) != before
    with pytest.raises(ValueError, match="is not here"):
        pinned(before)


def test_run_records_say_which_prompt_asked_and_load_again(tmp_path):
    graph = load(method(tmp_path, "attributes"), ModelStore())
    kept = graph.resolved["nodes"]["tell"]["prompt"]
    assert kept == pinned("attributes")
    again = load(method(tmp_path, f'"{kept}"'), ModelStore())
    assert again.resolved["nodes"] == graph.resolved["nodes"]


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("atributes", "there is no prompt 'atributes'"),
        ("nowhere.yaml", "cannot read the prompt"),
        ("attributes@7", "is not here"),
        ("same_region", "this stage fills: phrase"),
        ("candidate", "this stage can show: crop, marked, whole"),
        ("../describe/phrases.py", "there is no prompt"),
    ],
)
def test_a_wrong_prompt_is_told_before_anything_loads(prompt, said, tmp_path):
    [problem] = check(method(tmp_path, f'"{prompt}"'), ModelStore())
    assert said in f"{problem.what} {problem.fix}"
    assert problem.where.endswith("told.yaml:6")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 3", "version: 0", "version"),
        ("instructions", "rooms", "instructions"),
        ("[whole]", "[half]", "pictures"),
        ('again: "say what {phrase} is"', 'again: "what is {phrase}?"', "again"),
        ("source: mine", "sauce: mine", "source"),
        ("wordings:", "wordings: [", "not well formed"),
    ],
)
def test_a_file_that_is_not_well_formed_is_told_with_the_place(old, new, said, tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(OWN.replace(old, new))
    with pytest.raises(ValueError, match=said):
        read_prompt(str(file))
