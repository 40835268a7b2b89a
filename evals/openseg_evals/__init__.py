"""Benchmarks: official files in, official numbers out.

`metrics` are pure functions on arrays and run-length encodings; `score` reads and checks the
official files and calls them; `formats` are the file formats that several of them share.
"""
