"""The recipe of `mini-sd`: a text-to-image latent diffusion model whose cross-attention is read.

Run ``python -m openseg.mini.recipes.stable_diffusion --data DIR --out DIR``: first the autoencoder,
then UNet and text encoder together; ``DIR/model`` is a folder for `StableDiffusionPipeline`.
"""
