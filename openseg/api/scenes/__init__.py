"""Methods on posed RGB-D scenes: what they are given, what they found, where it is kept."""
