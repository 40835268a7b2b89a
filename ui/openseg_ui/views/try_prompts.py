"""Points and boxes as numbers: for the keyboard, for exactness, and to see what was clicked."""

from __future__ import annotations

import streamlit as st

from openseg.types.errors import InputError
from openseg_ui.server.images import Photo
from openseg_ui.widgets.faults import fault
from openseg_ui.widgets.picture import Prompts, clicked

_FIELD, _COUNT, _IMAGE = "try numbers", "try typed", "try numbers of"


def ask_prompts(photo: Photo) -> Prompts:
    """A field with a prompt a line: two numbers for a point, four for a box.

    Args:
        photo: The image the prompts lie on.
    """
    state = st.session_state
    if state.get(_IMAGE) != photo.digest:  # prompts of another image mean nothing here
        state[_IMAGE], state[_FIELD] = photo.digest, ""
    text = st.text_area(
        "Points and boxes",
        key=_FIELD,
        height=80,
        placeholder="120, 80\n40, 30, 200, 180",
        on_change=_typed,
        help="A line each: x, y for a point inside a thing; left, top, right, bottom for a box; in "
        "pixels. Clicks on the picture appear here.",
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
    """Writes what was clicked into the field; called by Streamlit before the page is drawn."""
    found = clicked(key, revision(photo))
    if found is not None:
        rows = [*found.points, *found.boxes]
        lines = [", ".join(f"{value:g}" for value in row) for row in rows]
        st.session_state[_FIELD] = "\n".join(lines)


def _typed() -> None:
    st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1


def parse(text: str, size: tuple[int, int]) -> Prompts:
    """Reads prompts.

    Args:
        text: A prompt a line.
        size: Width and height of the image.

    Raises:
        InputError: If a line is neither a point nor a box of the image.
    """
    points: list[tuple[float, ...]] = []
    boxes: list[tuple[float, ...]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            values = tuple(float(part) for part in line.replace(",", " ").split())
        except ValueError:
            values = ()
        place = f"line {number}"
        if len(values) not in {2, 4}:
            fix = "write x, y or left, top, right, bottom"
            raise InputError(
                f"'{line.strip()[:60]}' is neither a point nor a box", where=place, fix=fix
            )
        xs, ys = values[0::2], values[1::2]
        if not (all(0 <= x <= size[0] for x in xs) and all(0 <= y <= size[1] for y in ys)):
            what = f"'{line.strip()[:60]}' lies outside the image"
            raise InputError(what, where=place, fix=f"it is {size[0]} by {size[1]} pixels")
        (points if len(values) == 2 else boxes).append(values)
    return Prompts(tuple(points), tuple(boxes))
