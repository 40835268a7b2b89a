"""Stages that turn prompts into masks."""
