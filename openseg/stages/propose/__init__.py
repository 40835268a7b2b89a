"""Stages that find candidate regions."""
