"""spaCy as a sentence parser: its pipelines, and its trees as ours."""
