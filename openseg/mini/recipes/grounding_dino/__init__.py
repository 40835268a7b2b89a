"""The recipe of `mini-grounding-dino`, a detector, in the Grounding DINO architecture."""
