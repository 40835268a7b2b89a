"""Stages that carry what views show to the points of a scene."""
