"""The recipe of `mini-parser`: dependency trees of phrases that refer to things."""
