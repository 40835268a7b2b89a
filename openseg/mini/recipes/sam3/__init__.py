"""The recipe of `mini-sam3`, which finds all instances of a concept, in the SAM 3 architecture."""
