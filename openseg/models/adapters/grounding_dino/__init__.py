"""Grounding DINO, run by `transformers` and by its authors' code."""
