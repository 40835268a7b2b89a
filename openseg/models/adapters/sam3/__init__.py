"""SAM 3, run by `transformers`."""
