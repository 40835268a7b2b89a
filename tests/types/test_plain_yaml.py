"""YAML from anyone is plain data of bounded size, or an error of PyYAML's kind."""

import time

import pytest
import yaml

from openseg.types.plain_yaml import MAX_CHARACTERS, read_yaml

LIST_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGE_BOMB = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
)


def test_plain_data_are_read():
    text = "a: &a {b: [1, 2.5, true, null, text]}\nc: *a\nd: {<<: *a, e: 1}\n"
    inner = {"b": [1, 2.5, True, None, "text"]}
    assert read_yaml(text) == {"a": inner, "c": inner, "d": {**inner, "e": 1}}
    assert read_yaml(text.encode()) == read_yaml(text)
    assert read_yaml("") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LIST_BOMB, "once anchors are expanded"),
        (MERGE_BOMB, "once anchors are expanded"),
        ("a: &a [*a]", "once anchors are expanded"),
        ("[" * 5000, "nested more than|once anchors"),
        ("x" * (MAX_CHARACTERS + 1), "longer than"),
        ("!!python/object/apply:os.system [touch pwned]", "could not determine a constructor"),
        ("a: !!bool x", "a value cannot be read"),
        ("a: 2026-99-99", "a value cannot be read"),
        ("a: [", "expected the node content"),
        (b"\xff\xfe\xfd", "."),
        ("a: \x00", "special characters are not allowed"),
        ("a: 1\n---\nb: 2", "expected a single document"),
    ],
)
def test_what_is_more_is_refused_at_once(text, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begin = time.process_time()
    with pytest.raises(yaml.YAMLError, match=message):
        read_yaml(text)
    assert time.process_time() - begin < 2
    assert not list(tmp_path.iterdir())
