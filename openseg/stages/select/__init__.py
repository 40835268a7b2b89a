"""Stages that choose among scored regions."""
