"""Stages that read the words of the query."""
