"""Recipes that train the shipped mini models from scratch on rendered mini scenes."""
