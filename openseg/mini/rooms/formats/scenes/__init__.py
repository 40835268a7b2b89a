"""Rooms as posed RGB-D scenes with a labelled mesh: ScanNet, Replica."""
