"""A tiny random SAM 3, as a local checkpoint of the image or of the video class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import (
    CLIPTextConfig,
    Sam3Config,
    Sam3ImageProcessor,
    Sam3Model,
    Sam3Processor,
    Sam3VideoConfig,
    Sam3VideoModel,
    Sam3VisionConfig,
    Sam3ViTConfig,
)

from openseg.mini.recipes.clip.tokenizer import build_tokenizer

SIDE = 64
CONTEXT = 32


def configuration(tokenizer: Any) -> Sam3Config:
    """Every part of the architecture at reduced width."""
    width, heads = 32, 2
    layers = {"hidden_size": width, "num_attention_heads": heads, "intermediate_size": 48}
    backbone = Sam3ViTConfig(
        hidden_size=48,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=3,
        image_size=SIDE,
        patch_size=8,
        window_size=4,
        global_attn_indexes=[2],
        pretrain_image_size=SIDE // 2,
    )
    return Sam3Config(
        vision_config=Sam3VisionConfig(
            backbone_config=backbone,
            fpn_hidden_size=width,
            backbone_feature_sizes=[[32, 32], [16, 16], [8, 8]],
        ),
        text_config=CLIPTextConfig(
            vocab_size=len(tokenizer),
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            hidden_size=24,
            intermediate_size=32,
            projection_dim=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=CONTEXT,
        ).to_dict(),
        geometry_encoder_config={**layers, "num_layers": 1, "roi_size": 3},
        detr_encoder_config={**layers, "num_layers": 2},
        detr_decoder_config={**layers, "num_layers": 2, "num_queries": 9},
        mask_decoder_config={
            "hidden_size": width,
            "num_upsampling_stages": 3,
            "num_attention_heads": heads,
        },
    )


def save_sam3(folder: Path) -> Any:
    """Saves `folder/sam3` of the image class; gives the model back."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(CONTEXT)
    model = Sam3Model(configuration(tokenizer))
    return _save(model, model, tokenizer, folder / "sam3")


def save_sam3_video(folder: Path) -> Any:
    """Saves `folder/sam3` of the video class, which is what is published; gives the detector."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(CONTEXT)
    config = Sam3VideoConfig(detector_config=configuration(tokenizer).to_dict())
    model = Sam3VideoModel(config)
    return _save(model, model.detector_model, tokenizer, folder / "sam3")


def _save(model: Any, detector: Any, tokenizer: Any, folder: Path) -> Any:
    with torch.no_grad():
        for parameter in detector.parameters():
            # The class's own initial values give scores that hardly depend on anything.
            if parameter.ndim > 1:
                parameter.normal_(std=parameter[0].numel() ** -0.5)
        detector.detr_decoder.query_embed.weight.normal_(std=2.0)
        detector.detr_decoder.reference_points.weight.normal_()
        detector.dot_product_scoring.query_proj.weight.normal_()
        detector.detr_decoder.presence_head.layer3.bias.fill_(3.0)
    model.eval().save_pretrained(folder)
    images = Sam3ImageProcessor(size={"height": SIDE, "width": SIDE})
    Sam3Processor(images, tokenizer).save_pretrained(folder)
    return detector
