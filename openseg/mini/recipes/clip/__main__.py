"""``python -m openseg.mini.recipes.clip``: read the command line and train."""

from openseg.mini.recipes.clip import train as recipe
from openseg.mini.recipes.command import run

if __name__ == "__main__":
    run(recipe.__doc__, recipe.train, recipe.PLAN)
