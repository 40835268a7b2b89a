"""Metrics of answers in 3D scenes."""
