"""The recipe of `mini-oneformer`: one network for three tasks, on what mini-mask2former knows."""
