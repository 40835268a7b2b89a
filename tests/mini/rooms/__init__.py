"""The mini rooms."""
