"""The script that Streamlit runs for each session: the pages and where they are."""

from __future__ import annotations

import PIL.Image
import streamlit as st
from PIL import ImageDraw

from openseg.io.drawing.palette import shade_of
from openseg_ui.session import remember
from openseg_ui.views import benchmark, compare, compose, inside, runs, scene, try_

PAGES = {
    "try": ("Try", try_.page, ":material/image_search:"),
    "inside": ("Inside", inside.page, ":material/account_tree:"),
    "compose": ("Compose", compose.page, ":material/edit_note:"),
    "compare": ("Compare", compare.page, ":material/compare:"),
    "scene": ("Scene", scene.page, ":material/view_in_ar:"),
    "runs": ("Runs", runs.page, ":material/photo_library:"),
    "benchmark": ("Benchmark", benchmark.page, ":material/bar_chart:"),
}

_STYLE = "<style>.stMainBlockContainer { padding: 4.5rem 2.5rem 3rem }</style>"


def main() -> None:
    """Lays out the app and draws the page that is asked for."""
    st.set_page_config(
        page_title="openseg", page_icon=_icon(), layout="wide", initial_sidebar_state=330
    )
    pages = {
        name: st.Page(draw, title=title, icon=icon, url_path=name, default=name == "try")
        for name, (title, draw, icon) in PAGES.items()
    }
    remember(pages)
    st.html(_STYLE)
    st.navigation(list(pages.values()), position="top").run()


@st.cache_resource(show_spinner=False)
def _icon() -> PIL.Image.Image:
    """Three regions; a named icon would be fetched from the network."""
    icon = PIL.Image.new("RGBA", (64, 64))
    pen = ImageDraw.Draw(icon)
    for hue, box in enumerate(((2, 2, 44, 44), (30, 12, 62, 40), (18, 30, 56, 62))):
        pen.rounded_rectangle(box, 12, fill=(*shade_of(hue, 0), 235))
    return icon


main()
