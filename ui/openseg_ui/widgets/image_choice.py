"""Where an image comes from: samples, uploads, the camera, the server's folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from openseg.io.paths import find_images
from openseg.types.errors import OpensegError
from openseg_ui.server.folders import inside
from openseg_ui.server.images import SAMPLES, Photo, from_folder, uploaded
from openseg_ui.server.runs import Run
from openseg_ui.session import hub
from openseg_ui.widgets.faults import fault

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile


SHARED, SAMPLE, UPLOAD, CAMERA, FOLDER = "This run", "Sample", "Upload", "Camera", "Folder"
_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "gif", "avif", "heic"]


def choose_image(run: Run | None) -> Photo | None:
    """Shows the ways to give an image.

    Args:
        run: The run that the page's address names; its image is offered.

    Returns:
        The image, or None as long as there is none or it cannot be used.
    """
    settings = hub().settings
    ways = [SAMPLE, UPLOAD, CAMERA, *([FOLDER] if settings.data else [])]
    if run is not None and st.session_state.get("try source", SHARED) == SHARED:
        ways = [SHARED, *ways]
    way = st.segmented_control(
        "Image", ways, default=ways[0], required=True, key="try source", width="stretch"
    )
    try:
        match way:
            case "This run" if run is not None:
                return run.photo
            case "Upload":
                return _received(
                    st.file_uploader(
                        "A picture", _TYPES, key="try upload", label_visibility="collapsed"
                    )
                )
            case "Camera":
                return _received(
                    st.camera_input(
                        "Take a picture", key="try camera", label_visibility="collapsed"
                    )
                )
            case "Folder":
                return _of_folder()
            case _:
                return _sample()
    except OpensegError as error:
        fault(error)
        return None


def _sample() -> Photo:
    samples = {path.stem: path for path in find_images(SAMPLES)}
    name = next(iter(samples))
    if len(samples) > 1:
        name = st.selectbox("Sample", list(samples), key="try sample", label_visibility="collapsed")
    return _read(str(samples[name]), samples[name].stat().st_mtime)


def _of_folder() -> Photo | None:
    """An image below the folders given at the start."""
    text = st.text_input(
        "Path below the server's folders", key="try path", placeholder="photos/kitchen.jpg"
    )
    if not text:
        return None
    path = inside(text, hub().settings.roots)
    return _read(str(path), path.stat().st_mtime)


@st.cache_resource(max_entries=8, show_spinner=False)
def _read(path: str, changed: float) -> Photo:
    from pathlib import Path

    return from_folder(Path(path), megapixels=hub().settings.megapixels)


def _received(file: UploadedFile | None) -> Photo | None:
    return None if file is None else _decoded(file.file_id, file)


@st.cache_resource(max_entries=8, show_spinner="Reading the picture")
def _decoded(file_id: str, _file: UploadedFile) -> Photo:
    settings = hub().settings
    return uploaded(
        _file.getvalue(),
        _file.name,
        megabytes=settings.upload_megabytes,
        megapixels=settings.megapixels,
    )
