"""Tests of running pipelines on benchmarks."""
