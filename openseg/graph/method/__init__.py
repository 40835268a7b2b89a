"""The steps from a method's YAML to a checked graph: marks, files, spec, wiring, roles, build."""
