"""Logical forms, the facts of a scene and the checker that evaluates one against the other."""
