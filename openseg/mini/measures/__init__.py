"""How good each model of the mini family is on held-out scenes, measured through the public API."""
