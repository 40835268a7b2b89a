"""From logical forms to words with their dependency tree."""
