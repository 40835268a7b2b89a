"""The recipe of `mini-mask2former`, a closed-set segmenter: it knows two of three categories."""
