"""A random SAM 2 at reduced width, as a local checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import (
    Sam2Config,
    Sam2HieraDetConfig,
    Sam2ImageProcessor,
    Sam2Model,
    Sam2VideoConfig,
    Sam2VideoModel,
    Sam2VisionConfig,
)

SIDE = 128


def configuration() -> dict[str, Any]:
    """The parts that the image and the video class share."""
    trunk = Sam2HieraDetConfig(
        hidden_size=16,
        image_size=[SIDE, SIDE],
        blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[16, 32, 64, 128],
        num_attention_heads_per_stage=[1, 2, 4, 8],
        window_size_per_stage=[4, 2, 4, 2],
        global_attention_blocks=[3],
        window_positional_embedding_background_size=[4, 4],
    )
    vision = Sam2VisionConfig(
        backbone_config=trunk,
        backbone_channel_list=[128, 64, 32, 16],
        backbone_feature_sizes=[[32, 32], [16, 16], [8, 8]],
        fpn_hidden_size=32,
    )
    return {
        "vision_config": vision,
        "prompt_encoder_config": {"hidden_size": 32, "image_size": SIDE, "patch_size": 16},
        "mask_decoder_config": {
            "hidden_size": 32,
            "mlp_dim": 64,
            "num_attention_heads": 2,
            "iou_head_hidden_dim": 32,
        },
    }


def save_sam2(folder: Path) -> Any:
    """Saves a checkpoint of the image class; gives the model back."""
    torch.manual_seed(0)
    return _save(Sam2Model(Sam2Config(**configuration())), folder)


def save_sam2_video(folder: Path) -> Any:
    """Saves a checkpoint of the video class, which is what is published."""
    torch.manual_seed(0)
    config = Sam2VideoConfig(
        **configuration(),
        image_size=SIDE,
        memory_attention_hidden_size=32,
        memory_attention_feed_forward_hidden_size=32,
        memory_encoder_hidden_size=32,
        memory_encoder_output_channels=32,
        mask_downsampler_embed_dim=32,
        memory_fuser_embed_dim=32,
        memory_fuser_intermediate_dim=32,
        memory_attention_rope_feat_sizes=[8, 8],
    )
    return _save(Sam2VideoModel(config), folder)


def _save(model: Any, folder: Path) -> Any:
    with torch.no_grad():
        for parameter in model.parameters():
            # The class's own initial values give logits of 1e-5, which would agree with anything.
            if parameter.ndim > 1:
                parameter.normal_(std=parameter[0].numel() ** -0.5)
    model.eval().save_pretrained(folder)
    Sam2ImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    return model
