"""The class lists hold what the benchmarks say, and the words of a class can be chosen."""

from __future__ import annotations

import pytest

from openseg.types.errors import InputError
from openseg_evals.dataset_kinds.vocabulary import Vocabulary, choose_names, read_vocabulary

# Spot checks against lists of other projects: the first, one in the middle, the last class.
EXPECTED = {
    "pascal_voc": (21, {0: "background", 1: "aeroplane", 11: "diningtable", 20: "tvmonitor"}),
    "pascal_context_59": (60, {1: "aeroplane", 20: "cow", 40: "pottedplant", 59: "wood"}),
    "pascal_context_459": (459, {1: "accordion", 25: "bird", 397: "table", 459: "wool"}),
    "ade20k_150": (150, {1: "wall", 13: "person", 76: "swivel chair", 150: "flag"}),
    "ade20k_847": (847, {0: "wall", 11: "person", 98: "ball", 846: "adding machine"}),
    "coco_stuff": (171, {0: "person", 79: "toothbrush", 80: "banner", 170: "wood"}),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_lists_have_the_benchmarks_classes_in_its_order(name):
    vocabulary = read_vocabulary(name)
    classes, known = EXPECTED[name]
    assert len(vocabulary.labels) == classes
    first = vocabulary.labels[0]
    assert vocabulary.labels == tuple(range(first, first + classes))
    names = dict(zip(vocabulary.labels, vocabulary.names, strict=True))
    assert {label: names[label][0] for label in known} == known


def test_numbers_in_the_files_are_those_of_the_data_sets():
    full = read_vocabulary("ade20k_847")
    codes = dict(zip(full.source_ids, (one[0] for one in full.names), strict=True))
    assert (codes[2978], codes[1831], codes[3148]) == ("wall", "person", "adding machine")
    stuff = read_vocabulary("coco_stuff")
    values = dict(zip(stuff.source_ids, stuff.labels, strict=True))
    # mmsegmentation's table of COCO-Stuff 164k: value 12 is class 11, 91 is 80, 181 is 170.
    assert (values[0], values[10], values[12], values[91], values[181]) == (0, 10, 11, 80, 170)
    assert not {11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90} & values.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_plain_names_are_one_a_class_and_all_different(name):
    phrases = choose_names(read_vocabulary(name), "plain").phrases
    assert len(set(phrases)) == len(phrases) == EXPECTED[name][0]


def test_plain_names_avoid_the_name_another_class_begins_with():
    classes = Vocabulary((1, 2, 3), (("bag",), ("bag", "suitcase"), ("pot", "pan")))
    assert choose_names(classes, "plain").phrases == ("bag", "suitcase", "pot")


def test_synonyms_become_phrases_of_one_class():
    classes = Vocabulary((4, 7), (("sofa", "couch"), ("lamp",)))
    chosen = choose_names(classes, "synonyms")
    assert chosen.phrases == ("sofa", "couch", "lamp")
    assert chosen.class_ids == (4, 4, 7)
    assert chosen.first_phrase == {4: 0, 7: 2}


def test_names_come_from_a_file_in_the_form_of_openseg_or_plain_lines(tmp_path):
    classes = Vocabulary((1, 2), (("person",), ("tvmonitor",)))
    numbered, plain = tmp_path / "numbered.txt", tmp_path / "plain.txt"
    numbered.write_text("0:invalid_class_id\n1:person,man, woman\n2:tv monitor\n")
    plain.write_text("person, man, woman\n\ntv monitor\n")
    for path in (numbered, plain):
        chosen = choose_names(classes, str(path))
        assert chosen.phrases == ("person", "man", "woman", "tv monitor")
        assert chosen.class_ids == (1, 1, 1, 2)


def test_a_list_of_names_that_does_not_fit_is_refused(tmp_path):
    classes = Vocabulary((1, 2), (("a",), ("b",)))
    (tmp_path / "short.txt").write_text("a\n")
    with pytest.raises(InputError, match="names 1 classes, the benchmark has 2"):
        choose_names(classes, str(tmp_path / "short.txt"))
    with pytest.raises(InputError, match="plain, synonyms, or a text file"):
        choose_names(classes, "plian")
