"""File formats that benchmarks share, read with checks that name file, entry and remedy."""
