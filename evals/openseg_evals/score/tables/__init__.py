"""The metrics there are, a table a kind of prediction."""
