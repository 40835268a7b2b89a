"""Sentences about scenes and pictures of them, each with exactly the things it is true of."""
