"""The recipe of `mini-vlm`, a LLaVA that describes regions of mini scenes and answers questions."""
