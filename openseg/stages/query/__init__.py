"""Stages that read the query: sentences to phrases."""
