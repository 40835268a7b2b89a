"""Encoders that keep the tokens of one region: how a region is seen in its context."""
