"""The metrics: pure functions, one file each, that read no file and load no model."""
