"""What stages may ask of models of one kind each; `openseg.models.protocols` has what many ask."""
