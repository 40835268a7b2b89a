"""What a benchmark asks and how an answer becomes a prediction in the official format."""
