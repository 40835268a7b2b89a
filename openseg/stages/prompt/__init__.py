"""Stages that turn evidence on an image into prompts for a segmenter."""
