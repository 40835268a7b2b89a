"""Tests of how answers become prediction files."""
