"""Data sets, a module each: official files in, samples out."""
