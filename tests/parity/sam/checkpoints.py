"""The same random Segment Anything as a checkpoint of each implementation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from segment_anything import sam_model_registry
from transformers import SamConfig, SamImageProcessor

from openseg.models.adapters.sam_original import Architecture
from tests.parity.sam.keys import to_transformers

TINY = Architecture(
    width=48,
    depth=3,
    heads=3,
    global_layers=(1,),
    window=3,
    image_size=128,
    patch_size=16,
    prompt_width=32,
    decoder_heads=2,
    decoder_mlp=64,
)


@dataclass(frozen=True)
class Twins:
    """A network of the authors' package, and the folder with its two checkpoints."""

    network: Any
    folder: Path


def tiny_twins(folder: Path) -> Twins:
    """A network of the published architecture at reduced width, 128 pixels in."""
    torch.manual_seed(0)
    network = randomised(TINY.build())
    save_original(network, folder / "sam-original", TINY.model_dump())
    config = SamConfig(
        vision_config={
            "hidden_size": TINY.width,
            "output_channels": TINY.prompt_width,
            "num_hidden_layers": TINY.depth,
            "num_attention_heads": TINY.heads,
            "image_size": TINY.image_size,
            "window_size": TINY.window,
            "global_attn_indexes": list(TINY.global_layers),
            "num_pos_feats": TINY.prompt_width // 2,
            "mlp_dim": 4 * TINY.width,
        },
        prompt_encoder_config={
            "hidden_size": TINY.prompt_width,
            "image_size": TINY.image_size,
            "patch_size": TINY.patch_size,
        },
        mask_decoder_config={
            "hidden_size": TINY.prompt_width,
            "mlp_dim": TINY.decoder_mlp,
            "num_attention_heads": TINY.decoder_heads,
            "iou_head_hidden_dim": TINY.prompt_width,
        },
    )
    save_transformers(network, folder / "sam", config, TINY.image_size)
    return Twins(network, folder)


def vit_b_twins(folder: Path) -> Twins:
    """The published vit_b at full width; `transformers`' default configuration is vit_b."""
    torch.manual_seed(0)
    network = randomised(sam_model_registry["vit_b"](checkpoint=None))
    save_original(network, folder / "sam-original", {"model_type": "vit_b"})
    save_transformers(network, folder / "sam", SamConfig(), 1024)
    return Twins(network, folder)


def randomised(network: Any) -> Any:
    """Gives values to what starts at zero: positions, relative and absolute."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if "pos_embed" in name or "rel_pos" in name:
                parameter.normal_(std=0.1)
    return network.eval()


def save_original(network: Any, folder: Path, config: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    save_file(
        {k: v.contiguous() for k, v in network.state_dict().items()}, folder / "sam.safetensors"
    )
    (folder / "config.json").write_text(json.dumps(config), "utf-8")


def save_transformers(network: Any, folder: Path, config: SamConfig, side: int) -> None:
    """Writes the files without building the model: loading it is what is tested."""
    folder.mkdir(parents=True)
    tensors = to_transformers(network.state_dict())
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    config.save_pretrained(folder)
    square = {"height": side, "width": side}
    SamImageProcessor(size={"longest_edge": side}, pad_size=square).save_pretrained(folder)
