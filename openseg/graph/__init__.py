"""The engine: a method's YAML becomes a checked graph, and a graph runs over samples."""
