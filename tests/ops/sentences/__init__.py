"""Tests of `openseg.ops.sentences`."""
