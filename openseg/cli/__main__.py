"""`python -m openseg.cli`: the command line without its script."""

from openseg.cli.main import run

run()
