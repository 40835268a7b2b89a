"""The recipe of `mini-sd`: a text-to-image latent diffusion model whose cross-attention is read."""
