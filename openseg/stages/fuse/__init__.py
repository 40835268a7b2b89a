"""Stages that bring results of several nodes together."""
