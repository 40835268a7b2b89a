"""One small folder of each format, written once for all tests of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openseg.mini.rooms.formats.kinds import FORMATS
from openseg.mini.rooms.formats.making import carry_out
from openseg.mini.rooms.formats.order import Order

SPLIT = "test_unseen"
STILL = 128


def write(kind, out, n, width, height, split=SPLIT):
    assert carry_out(Order(kind, split, n, 5, width, height), FORMATS[kind], out)
    return out


@pytest.fixture(scope="session")
def scannet(tmp_path_factory):
    pytest.importorskip("pyvista")
    return write("rooms", tmp_path_factory.mktemp("scannet"), 1, 320, 240)


@pytest.fixture(scope="session")
def replica(tmp_path_factory):
    pytest.importorskip("pyvista")
    return write("replica", tmp_path_factory.mktemp("replica"), 1, 160, 120)


@pytest.fixture(scope="session")
def coco(tmp_path_factory):
    pytest.importorskip("pyvista")
    return write("coco", tmp_path_factory.mktemp("coco"), 4, STILL, STILL)


@pytest.fixture(scope="session")
def bop(tmp_path_factory):
    """All objects' names, but models and templates of two only: they take the time."""
    pytest.importorskip("pyvista")
    form = FORMATS["bop"]

    def few(order):
        pieces = form.pieces(order)
        return [*pieces[:2], *pieces[-order.n :]]

    out = tmp_path_factory.mktemp("bop") / "minibop"
    order = Order("bop", SPLIT, 1, 5, 160, 120)
    carry_out(order, replace(form, pieces=few), out)
    return out
