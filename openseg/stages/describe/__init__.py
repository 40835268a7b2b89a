"""Stages that ask a language model for words."""
