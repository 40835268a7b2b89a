"""The mini rooms: layout."""
