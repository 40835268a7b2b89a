"""The mini family: a procedural world, the recipes that train on it, and the weights."""
