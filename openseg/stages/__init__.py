"""Stages, one file each, in role folders: `propose/detect.py` holds the stage `propose.detect`."""
