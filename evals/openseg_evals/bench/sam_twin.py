"""A checkpoint of `transformers.SamModel` as a network of `segment_anything`."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam
from segment_anything.modeling import TwoWayTransformer as TwoWay

HEADS = r"^(mask_decoder\.(?:output_hyper\w+\.\d|iou_\w+))"
RENAMED = (
    (r"^shared_image_embedding\.positional_embedding$", "prompt_encoder.pe_layer.GAUSS"),
    (r"GAUSS", "positional_encoding_gaussian_matrix"),
    (r"^vision_encoder\.patch_embed\.projection", "image_encoder.patch_embed.proj"),
    (r"^vision_encoder\.layers\.(\d+)\.layer_norm", r"image_encoder.blocks.\1.norm"),
    (r"^vision_encoder\.layers", "image_encoder.blocks"),
    (r"^vision_encoder\.neck\.conv1", "image_encoder.neck.0"),
    (r"^vision_encoder\.neck\.layer_norm1", "image_encoder.neck.1"),
    (r"^vision_encoder\.neck\.conv2", "image_encoder.neck.2"),
    (r"^vision_encoder\.neck\.layer_norm2", "image_encoder.neck.3"),
    (r"^vision_encoder", "image_encoder"),
    (r"^prompt_encoder\.point_embed\.", "prompt_encoder.point_embeddings."),
    (r"^prompt_encoder\.mask_embed\.conv1", "prompt_encoder.mask_downscaling.0"),
    (r"^prompt_encoder\.mask_embed\.layer_norm1", "prompt_encoder.mask_downscaling.1"),
    (r"^prompt_encoder\.mask_embed\.conv2", "prompt_encoder.mask_downscaling.3"),
    (r"^prompt_encoder\.mask_embed\.layer_norm2", "prompt_encoder.mask_downscaling.4"),
    (r"^prompt_encoder\.mask_embed\.conv3", "prompt_encoder.mask_downscaling.6"),
    (r"\.layer_norm_final_attn", ".norm_final_attn"),
    (r"^(mask_decoder\.transformer\.layers\.\d+)\.layer_norm", r"\1.norm"),
    (r"^mask_decoder\.upscale_conv1", "mask_decoder.output_upscaling.0"),
    (r"^mask_decoder\.upscale_layer_norm", "mask_decoder.output_upscaling.1"),
    (r"^mask_decoder\.upscale_conv2", "mask_decoder.output_upscaling.3"),
    (HEADS + r"\.layers\.0", r"\1.layers.1"),
    (HEADS + r"\.proj_in", r"\1.layers.0"),
    (HEADS + r"\.proj_out", r"\1.layers.2"),
)
"""Applied in this order, so that a name changed by one pattern meets the later ones."""


def twin(folder: Path) -> Any:
    """The network with the checkpoint's weights, in eval mode."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    network = _build(config["vision_config"], config["mask_decoder_config"])
    tensors = {}
    for key, tensor in load_file(folder / "model.safetensors").items():
        name = key
        for pattern, replacement in RENAMED:
            name = re.sub(pattern, replacement, name)
        if name != "prompt_encoder.shared_embedding.positional_embedding":  # kept twice
            tensors[name] = tensor
    network.load_state_dict(tensors)
    return network.eval()


def _build(vision: dict[str, Any], decoder: dict[str, Any]) -> Any:
    width = decoder["hidden_size"]
    grid = vision["image_size"] // vision["patch_size"]
    return Sam(
        image_encoder=ImageEncoderViT(
            img_size=vision["image_size"],
            patch_size=vision["patch_size"],
            embed_dim=vision["hidden_size"],
            depth=vision["num_hidden_layers"],
            num_heads=vision["num_attention_heads"],
            out_chans=width,
            norm_layer=partial(torch.nn.LayerNorm, eps=vision["layer_norm_eps"]),
            use_rel_pos=vision["use_rel_pos"],
            window_size=vision["window_size"],
            global_attn_indexes=tuple(vision["global_attn_indexes"]),
        ),
        prompt_encoder=PromptEncoder(
            embed_dim=width,
            image_embedding_size=(grid, grid),
            input_image_size=(vision["image_size"],) * 2,
            mask_in_chans=16,
        ),
        mask_decoder=MaskDecoder(
            transformer_dim=width,
            transformer=TwoWay(
                depth=decoder["num_hidden_layers"],
                embedding_dim=width,
                num_heads=decoder["num_attention_heads"],
                mlp_dim=decoder["mlp_dim"],
            ),
            iou_head_hidden_dim=decoder["iou_head_hidden_dim"],
        ),
    )
