"""Scenes of the mini world as the benchmarks publish their data."""
