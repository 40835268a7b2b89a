"""The mini rooms: render."""
