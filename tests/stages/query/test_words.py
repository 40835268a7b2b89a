"""`query.words`: a prompt of the method's own, for as many samples as there are."""

from __future__ import annotations

from openseg.stages.query.words import Words
from tests.models.adapters.pictures import picture
from tests.stages.values import query_of


def test_every_sample_is_given_the_words_of_the_settings():
    stage = Words(Words.Config(text="tree; sky"))
    out = stage.run(image=[picture(4, 4), picture(5, 5)])
    assert [[p.text for p in one.phrases] for one in out.query] == [["tree", "sky"]] * 2
    assert len(stage.run(query=[query_of("cup")]).query) == 1


def test_by_default_the_words_mean_any_thing():
    [words] = Words(Words.Config()).run(query=[query_of("cup")]).query
    assert [p.text for p in words.phrases] == ["objects"]
