"""What the methods claim, and what they are built from."""
