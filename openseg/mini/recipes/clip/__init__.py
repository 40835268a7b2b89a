"""The recipe of `mini-clip`, an image-text encoder in the CLIP architecture."""
