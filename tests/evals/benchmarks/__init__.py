"""Tests of the shipped benchmark files."""
