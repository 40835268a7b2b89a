"""The `openseg` command: gathers the verbs and turns errors into one line and an exit code."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer

from openseg import __version__
from openseg.cli import console
from openseg.cli.doctor import doctor
from openseg.cli.fetch import fetch
from openseg.cli.ls import ls
from openseg.cli.run import run as run_command
from openseg.cli.schema import schema
from openseg.cli.show import show
from openseg.cli.validate import validate
from openseg.cli.world import world
from openseg.types.errors import OpensegError

app = typer.Typer(
    name="openseg",
    help="Open-vocabulary segmentation composed from frozen foundation models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="run")(run_command)
app.command()(ls)
app.command()(show)
app.command()(validate)
app.command()(fetch)
app.command()(doctor)
app.command()(schema)
app.add_typer(world, name="world")
for room in entry_points(group="openseg.commands"):
    room.load()(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        console.say(f"openseg {__version__}")
        raise typer.Exit


@app.callback()
def options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.")] = False,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Open-vocabulary segmentation composed from frozen foundation models."""
    console.verbose = verbose


def run() -> None:
    """Entry point of the command: exit code 2 for a user's mistake, 1 for ours, 130 if stopped."""
    try:
        app()
    except OpensegError as error:
        if console.verbose:
            raise
        console.complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        console.complain("stopped")
        sys.exit(130)
    except Exception as error:
        if console.verbose:
            raise
        name = type(error).__name__
        console.complain(f"unexpected {name}: {error} (this is a fault of openseg; see it with -v)")
        sys.exit(1)
