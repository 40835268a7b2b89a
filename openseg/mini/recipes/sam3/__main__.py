"""``python -m openseg.mini.recipes.sam3``: read the command line and train."""

from openseg.mini.recipes.command import run
from openseg.mini.recipes.sam3 import train as recipe

if __name__ == "__main__":
    run(recipe.__doc__, recipe.train, recipe.PLAN)
