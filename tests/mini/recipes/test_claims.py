"""Phrases are true of the things and parts they name, by the sentences' own checker."""

import numpy as np
import pytest

from openseg.mini.recipes.claims import Claim, ClaimSource, truth
from openseg.mini.recipes.regions import NO, OPEN, YES, answers, box_of, part_regions, whole
from openseg.mini.rooms.held_out import UNSEEN_PAIRS, UNSEEN_PARTS
from openseg.mini.rooms.sentences.meaning.truth import denote
from openseg.mini.rooms.sentences.meaning.world import World


def test_truth_of_things_agrees_with_the_sentences_checker(stills):
    source = ClaimSource(np.random.default_rng(0))
    checked = 0
    for still in stills:
        world = World(still.scene, still.sight)
        things = [whole(seen) for seen in still.things]
        claims = [source.about(one) for one in things for _ in range(10)]
        claims += [source.near(one) for one in claims]
        table = truth(claims, answers(things))
        for column, claim in enumerate(claims):
            found = denote(claim.form().groups[0], world)
            for row, one in enumerate(things):
                if one.seen.thing.id not in world.clear:
                    continue
                wanted = (
                    YES
                    if one.seen.thing.id in found.yes
                    else OPEN if one.seen.thing.id in found.open else NO
                )  # fmt: skip
                assert table[row, column] == wanted, claim
                checked += 1
    assert checked > 1000


def test_what_is_said_about_a_region_is_not_false_of_it(stills):
    source = ClaimSource(np.random.default_rng(0))
    for still in stills:
        regions = [*(whole(seen) for seen in still.things), *part_regions(still)]
        claims = [source.about(one) for one in regions]
        assert (np.diag(truth(claims, answers(regions, unseen=True))) != NO).all()


def test_a_part_is_not_its_thing_and_not_the_part_of_another(stills):
    for still in stills:
        regions = part_regions(still)
        for one, named in zip(regions, answers(regions, unseen=True), strict=True):
            thing = one.seen.thing
            others = [k.part for k in regions if k.seen is one.seen and k.part != one.part]
            claims = [
                Claim(thing.category, part=one.part),
                *(Claim(thing.category, part=part) for part in others),
            ]
            assert truth(claims, named[None])[0].tolist() == [YES] + [NO] * len(others)


def test_a_held_out_part_is_open_in_training(stills):
    regions = [one for still in stills for one in part_regions(still)]
    rare = [one for one in regions if (one.seen.thing.category, one.part) in UNSEEN_PARTS]
    if not rare:
        pytest.skip("no held-out part in the stored stills")
    claims = [Claim(part=one.part) for one in rare]
    assert (np.diag(truth(claims, answers(rare))) == OPEN).all()
    assert (np.diag(truth(claims, answers(rare, unseen=True))) == YES).all()


def test_training_never_names_a_held_out_pair(stills):
    source = ClaimSource(np.random.default_rng(0))
    regions = [whole(seen) for still in stills for seen in still.things]
    regions += [one for still in stills for one in part_regions(still)]
    claims = [source.near(source.about(one)) for one in regions for _ in range(30)]
    claims += [source.any() for _ in range(500)]
    claims = [claim for claim in claims if source.allowed(claim)]
    assert not {(c.colour, c.category) for c in claims} & set(UNSEEN_PAIRS)
    assert not {(c.category, c.part) for c in claims} & set(UNSEEN_PARTS)
    assert len(set(claims)) > 400


def test_words_say_what_the_claim_says():
    source = ClaimSource(np.random.default_rng(0))
    assert Claim("cup", "red").say(source.speaker, bare=True).split()[-1] in {"cup", "red"}
    said = {Claim("cup", "red", part="handle").say(source.speaker) for _ in range(50)}
    assert "the handle of the red cup" in said
    assert "the red cup's handle" in said
    plural = Claim("cup").say(source.speaker, several=True, bare=True)
    assert plural.split()[-1] in {"cups", "cup"}


def test_the_box_of_a_mask_touches_its_outermost_pixels():
    mask = np.zeros((10, 12), dtype=bool)
    mask[2:5, 7] = True
    assert box_of(mask) == (7.0, 2.0, 8.0, 5.0)
