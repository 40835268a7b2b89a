"""`openseg ui`: starts the viewer."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from pathlib import Path
from typing import Annotated, Any

import typer

from openseg.cli import console
from openseg_ui.settings import Settings


def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web page.")] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine's see all you see.")
    ] = "127.0.0.1",
    runs: Annotated[
        list[Path] | None, typer.Option(help="Folder of runs and evaluations; may be repeated.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of images and data sets that the pages may read.")
    ] = None,
    weights: Annotated[
        list[Path] | None,
        typer.Option(help="Folder of checkpoints to choose from; may be repeated."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    upload: Annotated[int, typer.Option(min=1, help="Largest upload in MB.")] = 40,
    megapixels: Annotated[int, typer.Option(min=1, help="Largest image in megapixels.")] = 40,
) -> None:
    """Open the viewer in a browser: run methods on images, look inside, read benchmarks."""
    _require_streamlit()
    _require_folders([*(runs or []), *([data] if data else []), *(weights or [])])
    Settings(
        runs=tuple(str(one.resolve()) for one in runs or [Path("runs")]),
        data=str(data.resolve()) if data else None,
        weights=tuple(str(one.resolve()) for one in weights or []),
        device=device,
        upload_megabytes=upload,
        megapixels=megapixels,
    ).export()
    if host not in _OWN:
        console.note(
            f"listening on {host}: whoever reaches it sees what you see and can start runs"
        )
    console.note(f"openseg ui: http://{_shown(host)}:{port} (stop with Ctrl-C)")
    _serve(_options(host, port, upload))


_OWN = {"127.0.0.1", "localhost", "::1"}
"""Addresses that only this machine reaches."""


def register(app: typer.Typer) -> None:
    """Adds the verb to the `openseg` command."""
    app.command(name="ui")(ui)


def _options(host: str, port: int, upload: int) -> dict[str, Any]:
    """Streamlit's own settings; given here they count more than files in the user's home."""
    look = {
        "light": {"primaryColor": "#0072b2", "borderColor": "#d0d7de"},
        "dark": {"primaryColor": "#2f8fd0", "borderColor": "#3d444d"},
    }
    return {
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "type",
        "client.showErrorLinks": False,
        "client.toolbarMode": "minimal",
        "logger.hideWelcomeMessage": True,
        # It walks through all of torch's objects at every look at a run, which stands meanwhile.
        "runner.postScriptGC": False,
        "server.address": host,
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.maxUploadSize": upload,
        "server.port": port,
        "server.showEmailPrompt": False,
        **{
            f"theme.{shade}.{name}": value
            for shade, colours in look.items()
            for name, value in colours.items()
        },
    }


def _serve(options: dict[str, Any]) -> None:
    from streamlit.web import bootstrap

    _warm_up()
    flags = {name.replace(".", "_"): value for name, value in options.items()}
    bootstrap.load_config_options(flags)
    bootstrap.run(str(Path(__file__).with_name("app.py")), False, [], flags)


def _warm_up() -> None:
    """Imports what the first page needs, so that who opens it does not wait; torch comes later."""
    from openseg.graph.loader import check, pipeline_names
    from openseg.models.store import ModelStore
    from openseg_ui.server.untrusted import shipped_counts

    for page in pkgutil.iter_modules([str(Path(__file__).with_name("views"))]):
        importlib.import_module(f"openseg_ui.views.{page.name}")
    for name in pipeline_names():
        check(name, ModelStore())
    shipped_counts()


def _require_streamlit() -> None:
    from openseg.types.errors import MissingExtraError

    if importlib.util.find_spec("streamlit") is None:
        raise MissingExtraError("the viewer needs streamlit", fix='pip install "openseg[ui]"')


def _require_folders(folders: list[Path]) -> None:
    from openseg.types.errors import UserError

    for folder in folders:
        if not folder.is_dir():
            raise UserError("there is no such folder", where=str(folder), fix="check the path")


def _shown(host: str) -> str:
    return "localhost" if host in {"127.0.0.1", "0.0.0.0", "::"} else host  # noqa: S104 (only compared)
