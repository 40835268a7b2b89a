"""Stages that embed regions and texts."""
