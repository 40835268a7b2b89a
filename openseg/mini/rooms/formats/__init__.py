"""Rooms and stills as the benchmarks publish their data: `find_writer(kind)` in `kinds.py`."""
