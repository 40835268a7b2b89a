"""The mini rooms: shapes."""
