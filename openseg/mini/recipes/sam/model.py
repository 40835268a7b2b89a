"""The mini SAM: the `transformers` class with a small image encoder.

256 px in, patches of 8 px, absolute positions, windows of 8 tokens and global attention in the last
layer but one.
"""

from __future__ import annotations

from torch import nn
from transformers import SamConfig, SamImageProcessor, SamModel, SamProcessor

IMAGE_SIZE = 256
PIXEL_MEAN = (0.485, 0.456, 0.406)
PIXEL_STD = (0.229, 0.224, 0.225)


def build_model(width: int = 128, depth: int = 4, decoder: int = 64) -> SamModel:
    """Build the network with random weights.

    Args:
        width: channels of the image encoder.
        depth: its layers; the last but one attends globally.
        decoder: channels of image embedding, prompt encoder and mask decoder.
    """
    config = SamConfig(
        vision_config={
            "hidden_size": width,
            "output_channels": decoder,
            "num_hidden_layers": depth,
            "num_attention_heads": width // 64,
            "image_size": IMAGE_SIZE,
            "patch_size": 8,
            "window_size": 8,
            "global_attn_indexes": [depth - 2],
            "num_pos_feats": decoder // 2,
            "mlp_dim": 4 * width,
            # Decomposed relative positions take half the time of a step on a CPU.
            "use_rel_pos": False,
        },
        prompt_encoder_config={
            "hidden_size": decoder,
            "image_size": IMAGE_SIZE,
            "patch_size": 8,
            "mask_input_channels": 16,
        },
        mask_decoder_config={
            "hidden_size": decoder,
            "mlp_dim": 4 * decoder,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 2 * decoder,
        },
    )
    model = SamModel(config)
    # The class starts all matrices and embeddings at a deviation of 0.02, made for wide networks:
    # at this width prompts then stay unheard. The paper's code starts at torch's defaults.
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.Embedding):
            module.reset_parameters()
    nn.init.trunc_normal_(model.vision_encoder.pos_embed, std=0.02)
    # Likewise the class draws the frequencies of positions with a deviation of half the width, so
    # that neighbouring pixels look unrelated; the paper's code draws them with 1.
    frequencies = model.shared_image_embedding.positional_embedding
    nn.init.normal_(frequencies, std=1.0)
    frequencies.requires_grad_(requires_grad=False)
    return model


def build_processor() -> SamProcessor:
    """The preprocessing the weights are trained with: longest side 256, ImageNet mean and std."""
    return SamProcessor(
        SamImageProcessor(
            size={"longest_edge": IMAGE_SIZE},
            mask_size={"longest_edge": IMAGE_SIZE},
            pad_size={"height": IMAGE_SIZE, "width": IMAGE_SIZE},
            mask_pad_size={"height": IMAGE_SIZE, "width": IMAGE_SIZE},
            image_mean=list(PIXEL_MEAN),
            image_std=list(PIXEL_STD),
        )
    )
