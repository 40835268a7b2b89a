"""Engines: how a run's samples reach the models, on this machine or on many."""
