"""The recipe of `mini-sam`, a promptable segmenter in the Segment Anything architecture."""
