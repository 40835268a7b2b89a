"""Stages that score regions against words."""
