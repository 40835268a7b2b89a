"""What logical forms mean in small scenes with known answers, and where they mean nothing sure."""

import pytest

from openseg.mini.rooms.scene import Camera
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    Between,
    ByDistance,
    Coloured,
    Extreme,
    Form,
    Group,
    HasPart,
    Kind,
    Lies,
    Made,
    Not,
    Nth,
    PartOf,
    Related,
    Sized,
    Use,
    one,
)
from openseg.mini.rooms.sentences.meaning.truth import targets
from openseg.mini.rooms.sentences.meaning.world import World
from tests.mini.rooms.sentences.scenes import scene, sight, thing

BALL = Kind("ball")
ROW = scene(  # from the left: red, blue, green ball; a box behind the blue one
    thing(1, "ball", "red", 0.0, -1.2, material="striped", share=0.1),
    thing(2, "ball", "blue", 0.0, 0.0, share=0.5),
    thing(3, "ball", "green", 0.0, 1.2, share=0.9),
    thing(4, "box", "red", -0.7, 0.0),
)
DESK = scene(  # a water pitcher and a tray with a bowl on a desk, a picture above, a chair beside
    thing(1, "desk", "brown", 0.0, 0.0, share=1.0),
    thing(2, "water pitcher", "red", 0.0, -0.4, 0.8, share=1.0, support=1, handle="yellow"),
    thing(3, "tray", "white", 0.0, 0.4, 0.8, support=1),
    thing(4, "bowl", "blue", 0.0, 0.4, 0.85, support=3),
    thing(5, "picture", "black", -0.6, 0.0, 1.5, support="wall"),
    thing(6, "chair", "red", 0.0, 1.0),
    camera=Camera((8.0, 0.0, 2.0), (0.0, 0.0, 0.8), 800.0, 256, 256),
)


def what(of, form, **view):
    return targets(form, World(of, sight(of, **view)))


def of(colour, name):
    return Group(Kind(name), (Coloured(colour),))


BLUE = of("blue", "ball")


@pytest.mark.parametrize(
    ("form", "ids"),
    [
        (one(Kind("box")), (4,)),
        (one(BALL), None),
        (one(Kind("lamp")), ()),
        (one(BALL, Coloured("red")), (1,)),
        (one(BALL, Coloured("brown")), ()),
        (one(BALL, Coloured("pink")), None),  # the stripe of a red ball is pink
        (one(BALL, Made("striped")), (1,)),
        (one(BALL, Sized("large")), (3,)),
        (one(Anything(), Coloured("red"), Made("plain")), (4,)),
        (Form((Group(BALL, number="all"),)), (1, 2, 3)),
        (Form((Group(BALL, number=3),)), (1, 2, 3)),
        (Form((Group(BALL, number=2),)), None),
        (Form((Group(BALL, (Not(Coloured("red")),), number="all"),)), (2, 3)),
        (Form((of("red", "ball"), Group(Kind("box")))), (1, 4)),
        (Form((of("red", "ball"), Group(BALL, number="all"))), None),
        (one(BALL, Related("left", BLUE)), (1,)),
        (one(BALL, Related("right", BLUE)), (3,)),
        (one(Anything(), Related("behind", BLUE)), (4,)),
        (one(BALL, Related("behind", BLUE)), ()),
        (one(BALL, Related("front", Group(Kind("box")))), (2,)),
        (one(BALL, Related("left", Group(BALL))), None),
        (one(BALL, Related("left", Group(Kind("lamp")))), None),
        (one(BALL, Between(of("red", "ball"), of("green", "ball"))), (2,)),
        (one(BALL, pick=Nth(1, "left")), (1,)),
        (one(BALL, pick=Nth(2, "right")), (2,)),
        (one(BALL, pick=Nth(4, "left")), ()),
        (one(BALL, pick=Extreme("largest")), (3,)),
        (one(BALL, pick=Extreme("shortest")), (1,)),
        (one(BALL, pick=Extreme("rightmost")), (3,)),
        (one(Kind("box"), pick=Extreme("largest")), None),
        (one(BALL, pick=ByDistance("nearest", Group(Kind("box")))), (2,)),
        (one(Use("play")), None),
        (Form((Group(Use("play"), number="all"),)), (1, 2, 3)),
        (one(Use("store")), (4,)),
        (one(Use("sleep")), ()),
    ],
    ids=str,
)
def test_a_row_of_balls(form, ids):
    assert what(ROW, form) == ids


@pytest.mark.parametrize(
    ("form", "ids"),
    [
        (one(Kind("water pitcher"), Related("on", Group(Kind("desk")))), (2,)),
        (one(Kind("bowl"), Related("on", Group(Kind("tray")))), (4,)),
        (Form((Group(Anything(), (Related("on", Group(Kind("desk"))),), number="all"),)), None),
        (one(Kind("picture"), Related("above", Group(Kind("desk")))), (5,)),
        (one(Kind("desk"), Related("under", Group(Kind("picture")))), (1,)),
        (one(Kind("chair"), Related("above", Group(Kind("desk")))), ()),
        (one(Anything(), Lies("wall")), (5,)),
        (one(Kind("chair"), Lies("wall")), ()),
        (one(Kind("water pitcher"), HasPart("handle", "yellow")), (2,)),
        (one(Kind("water pitcher"), HasPart("handle", "red")), ()),
        (one(Kind("water pitcher"), Not(HasPart("handle", "red"))), (2,)),
        (Form((Group(Kind("water pitcher")),), PartOf("handle", "yellow")), (2,)),
        (Form((Group(Kind("water pitcher")),), PartOf("handle", "blue")), ()),
        (Form((Group(Kind("water pitcher")),), PartOf("seat")), ()),
        (Form((Group(Anything(), (HasPart("handle"),)),), PartOf("handle")), None),  # tray: handles
        (Form((Group(Anything(), (HasPart("canvas"),)),), PartOf("canvas")), (5,)),
        (one(Use("drink")), None),  # a bowl may do
    ],
    ids=str,
)
def test_things_on_a_desk(form, ids):
    assert what(DESK, form) == ids


def test_an_unseen_rival_does_not_count_and_a_hardly_seen_one_makes_it_open():
    two = scene(thing(1, "bucket", "red", 0, -0.5), thing(2, "bucket", "red", 0, 0.5))
    assert what(two, one(Kind("bucket"))) is None
    assert what(two, one(Kind("bucket")), hidden=[2]) is None
    assert what(two, one(Kind("bucket")), gone=[2]) == (1,)
    assert what(two, one(Kind("bucket"), Coloured("blue")), hidden=[2]) == ()


def test_what_is_hardly_seen_is_neither_there_nor_absent():
    lone = scene(thing(1, "bucket", "red", 0, 0), thing(2, "ball", "red", 0, 1))
    assert what(lone, one(Kind("bucket")), hidden=[1]) is None
    assert what(lone, one(Kind("bucket")), gone=[1]) == ()


def test_near_ties_are_open():
    close = scene(
        thing(1, "box", "red", 0, -1, share=0.50),
        thing(2, "box", "blue", 0, 1, share=0.55),
        thing(3, "lamp", "blue", 0.0, 0.05),
    )
    assert what(close, one(Kind("box"), pick=Extreme("largest"))) is None
    assert what(close, one(Kind("box"), pick=ByDistance("nearest", Group(Kind("lamp"))))) is None
    stacked = scene(
        thing(1, "ball", "red", 0, 0.00, 0), thing(2, "ball", "blue", 0, 0.02, 1.0),
        thing(3, "box", "blue", 0, 1.5),
    )  # fmt: skip
    assert what(stacked, one(BALL, pick=Extreme("leftmost"))) is None
    assert what(stacked, one(BALL, pick=Nth(1, "left"))) is None
    assert what(stacked, one(BALL, Related("left", BLUE))) is None
    assert what(stacked, one(BALL, pick=Extreme("highest"))) == (2,)


def test_a_larger_thing_that_looks_smaller_is_open():
    far = scene(
        thing(1, "ball", "red", 5, -0.5, share=0.1), thing(2, "ball", "blue", -12, 1, share=1)
    )
    assert what(far, one(BALL, pick=Extreme("largest"))) is None


def test_names_that_people_share_are_open():
    chairs = scene(thing(1, "chair", "red", 0, 0), thing(2, "office chair", "blue", 0, 1))
    assert what(chairs, one(Kind("chair"))) is None
    assert what(chairs, one(Kind("office chair"))) == (2,)
    assert what(chairs, one(Kind("chair"), Coloured("red"))) == (1,)
    assert what(chairs, one(Kind("chair"), Coloured("blue"))) is None


def test_a_thing_with_another_colour_on_a_good_share_of_it_is_open():
    seats = scene(thing(1, "stool", "red", 0, 0), thing(2, "stool", "blue", 0, 1, legs="red"))
    assert what(seats, one(Kind("stool"), Coloured("red"))) is None
    assert what(seats, one(Kind("stool"), Coloured("blue"))) == (2,)


def test_a_tinted_part_has_no_sure_colour():
    lone = scene(thing(1, "stool", "white", 0, 0), thing(2, "ball", "red", 0, 1))
    assert what(lone, one(Kind("stool"), HasPart("legs", "white"))) is None
    assert what(lone, one(Kind("stool"), HasPart("seat", "white"))) == (1,)
    assert what(lone, one(Kind("stool"), HasPart("legs", "green"))) == ()


def test_a_part_that_may_not_show_its_own_colour_has_no_sure_colour():
    lone = scene(  # the keys of some laptops are dark whatever their colour
        thing(1, "laptop", "white", 0, 0, keys="pink"),
        thing(2, "stool", "white", 0, 1, legs="pink"),
    )
    assert what(lone, one(Kind("laptop"), HasPart("keys", "pink"))) is None
    assert what(lone, one(Kind("stool"), HasPart("legs", "pink"))) == (2,)


def test_without_a_picture_all_things_count():
    world = World(ROW, None)
    assert targets(one(BALL, Coloured("red")), world) == (1,)
    assert targets(one(BALL, Between(of("red", "ball"), of("green", "ball"))), world) == (2,)


def test_forms_print_themselves():
    form = Form((Group(Kind("cup"), (Coloured("red"), Related("left", BLUE))),), PartOf("handle"))
    assert str(form) == "handle of 1(cup & red & left[picture](1(ball & blue)))"
