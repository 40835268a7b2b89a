"""The verbs this room adds to the `openseg` command."""
