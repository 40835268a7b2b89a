"""Stable Diffusion as `diffusers` runs it, read instead of sampled: where its UNet looks for words.

Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models", CVPR 2022,
arXiv:2112.10752. Maps of words: Tang et al., "What the DAAM", ACL 2023, arXiv:2210.04885.
"""
