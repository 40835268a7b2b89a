"""Prompts as text: for the keyboard, for exactness, and to see what was clicked."""

from __future__ import annotations

import streamlit as st

from openseg.graph.graph import Graph
from openseg.types import Boxes, Points
from openseg.types.errors import InputError
from openseg_ui.server.images import Photo
from openseg_ui.server.runs import Point, Prompts, Run
from openseg_ui.widgets.faults import fault
from openseg_ui.widgets.picture import clicked

MOST = 200
NEGATIVE = "not"
_FIELD, _COUNT, _IMAGE = "prompts", "prompts typed", "prompts of"


def tools(graph: Graph) -> list[str]:
    """What can be drawn on a picture for a method."""
    kinds = set(graph.inputs.values())
    points = ["point", "negative", "scribble"] if Points in kinds else []
    return [*points, *(["box"] if Boxes in kinds else [])]


def ask_prompts(photo: Photo, run: Run | None) -> Prompts:
    """A field with a prompt a line.

    Args:
        photo: The image the prompts lie on.
        run: The run that the page shows; its prompts are there to begin with.
    """
    state = st.session_state
    if state.get(_IMAGE) != photo.digest or _FIELD not in state:
        given = run.asked.prompts if run and run.asked.image == photo.digest else Prompts()
        state[_IMAGE], state[_FIELD] = photo.digest, written(given)
        _typed()
    text = st.text_area(
        "Prompts",
        key=_FIELD,
        height=120,
        placeholder="120, 80\nnot 20, 40\n40, 30, 200, 180\n12, 20; 30, 24; 41, 40",
        on_change=_typed,
        help="A line each, in pixels: x, y is a point inside a thing; not x, y is a point outside "
        "of the things; left, top, right, bottom is a box; points with semicolons between them "
        "are a scribble. What you draw on the picture appears here.",
    )
    try:
        return parse(text, photo.picture.size)
    except InputError as error:
        fault(error)
        return Prompts()


def revision(photo: Photo) -> str:
    """Changes whenever the field, not the picture, decides what the prompts are."""
    return f"{photo.digest} {st.session_state.get(_COUNT, 0)}"


def take_clicks(key: str, photo: Photo) -> None:
    """Writes what was drawn into the field; called by Streamlit before the page is drawn."""
    found = clicked(key, revision(photo))
    if found is not None:
        st.session_state[_FIELD] = written(found)


def _typed() -> None:
    st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1


def written(prompts: Prompts) -> str:
    """Prompts as the field has them; `parse` reads them again."""
    lines = [_joined(row) for row in prompts.points]
    lines += [f"{NEGATIVE} {_joined(row)}" for row in prompts.negative_points]
    lines += [_joined(row) for row in prompts.boxes]
    lines += ["; ".join(_joined(row) for row in stroke) for stroke in prompts.scribbles]
    return "\n".join(lines)


def _joined(row: Point) -> str:
    return ", ".join(f"{value:g}" for value in row)


def parse(text: str, size: tuple[int, int]) -> Prompts:
    """Reads prompts.

    Args:
        text: A prompt a line.
        size: Width and height of the image.

    Raises:
        InputError: If a line is no prompt of the image, or there are too many.
    """
    points: list[Point] = []
    boxes: list[Point] = []
    scribbles: list[tuple[Point, ...]] = []
    negative_points: list[Point] = []
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    lines = [(number, line) for number, line in lines if line]
    if len(lines) > MOST:
        raise InputError(f"{len(lines)} prompts are too many", fix=f"give at most {MOST}")
    for number, line in lines:
        body = line.removeprefix(NEGATIVE)
        place = f"line {number}"
        if ";" in body and body == line:
            stroke = [_numbers(part, place, size) for part in body.split(";") if part.strip()]
            if not 0 < len(stroke) <= MOST or any(len(one) != 2 for one in stroke):
                raise _wrong(line, place)
            scribbles.append(tuple(stroke))
            continue
        values = _numbers(body, place, size)
        if body != line and len(values) != 2:
            raise _wrong(line, place)
        (negative_points if body != line else points if len(values) == 2 else boxes).append(values)
    return Prompts(tuple(points), tuple(boxes), tuple(scribbles), tuple(negative_points))


def _numbers(text: str, place: str, size: tuple[int, int]) -> Point:
    """Two or four numbers that lie in the image."""
    try:
        values = tuple(float(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise _wrong(text, place) from None
    if len(values) not in {2, 4}:
        raise _wrong(text, place)
    xs, ys = values[0::2], values[1::2]
    if not (all(0 <= x <= size[0] for x in xs) and all(0 <= y <= size[1] for y in ys)):
        what = f"'{text.strip()[:60]}' lies outside the image"
        raise InputError(what, where=place, fix=f"it is {size[0]} by {size[1]} pixels")
    return values


def _wrong(text: str, place: str) -> InputError:
    what = f"'{text.strip()[:60]}' is neither a point, a box nor a scribble"
    fix = "write x, y or not x, y or left, top, right, bottom or x, y; x, y; ..."
    return InputError(what, where=place, fix=fix)
