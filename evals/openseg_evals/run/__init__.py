"""Runs pipelines on benchmarks: predictions to disk first, numbers from the predictions after."""
