"""Objects with templates from all sides, and scenes to find them in: BOP."""
