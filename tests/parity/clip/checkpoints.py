"""The same random CLIP as a checkpoint of `open_clip` and of `transformers`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.tokenizer import SimpleTokenizer
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizer

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
TINY: dict[str, Any] = {
    "embed_dim": 24,
    "vision_cfg": {
        "image_size": 64,
        "layers": 2,
        "width": 64,
        "head_width": 32,
        "patch_size": 16,
    },
    "text_cfg": {
        "context_length": 77,
        "vocab_size": 49408,
        "width": 32,
        "heads": 2,
        "layers": 2,
    },
}
RENAMED = (
    (r"^visual\.class_embedding$", "vision_model.embeddings.class_embedding"),
    (r"^visual\.conv1\.", "vision_model.embeddings.patch_embedding."),
    (r"^visual\.positional_embedding$", "vision_model.embeddings.position_embedding.weight"),
    (r"^visual\.ln_pre\.", "vision_model.pre_layrnorm."),
    (r"^visual\.ln_post\.", "vision_model.post_layernorm."),
    (r"^visual\.transformer\.resblocks\.", "vision_model.encoder.layers."),
    (r"^transformer\.resblocks\.", "text_model.encoder.layers."),
    (r"^token_embedding\.", "text_model.embeddings.token_embedding."),
    (r"^positional_embedding$", "text_model.embeddings.position_embedding.weight"),
    (r"^ln_final\.", "text_model.final_layer_norm."),
    (r"\.ln_([12])\.", r".layer_norm\1."),
    (r"\.mlp\.c_fc\.", ".mlp.fc1."),
    (r"\.mlp\.c_proj\.", ".mlp.fc2."),
    (r"\.attn\.out_proj\.", ".self_attn.out_proj."),
)


def save_twins(folder: Path, config: dict[str, Any], quick: bool) -> Any:
    """Saves one network as `open-clip` and as `clip`; gives the package's model.

    Args:
        folder: A weights folder.
        config: The architecture, as `open_clip` writes it.
        quick: Whether it uses the sigmoid approximation of GELU.
    """
    torch.manual_seed(0)
    config = config | {"quick_gelu": quick}
    model = open_clip.CLIP(**config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim > 1 and "embedding" in name:
                parameter.normal_(std=0.3)
    save_open_clip(model, config, folder / "open-clip")
    save_transformers(model, config, quick, folder / "clip")
    return model


def save_open_clip(model: Any, config: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True)
    preprocessing = {"mean": MEAN, "std": STD, "interpolation": "bicubic"}
    text = json.dumps({"model_cfg": config, "preprocess_cfg": preprocessing})
    (folder / "open_clip_config.json").write_text(text, "utf-8")
    tensors = {key: tensor.contiguous() for key, tensor in model.state_dict().items()}
    save_file(tensors, folder / "open_clip_model.safetensors")


def save_transformers(model: Any, config: dict[str, Any], quick: bool, folder: Path) -> None:
    vision, text = config["vision_cfg"], config["text_cfg"]
    activation = "quick_gelu" if quick else "gelu"
    twin = CLIPModel(
        CLIPConfig(
            projection_dim=config["embed_dim"],
            text_config={
                "hidden_size": text["width"],
                "intermediate_size": 4 * text["width"],
                "num_attention_heads": text["heads"],
                "num_hidden_layers": text["layers"],
                "hidden_act": activation,
                "projection_dim": config["embed_dim"],
            },
            vision_config={
                "hidden_size": vision["width"],
                "intermediate_size": 4 * vision["width"],
                "num_attention_heads": vision["width"] // vision.get("head_width", 64),
                "num_hidden_layers": vision["layers"],
                "image_size": vision["image_size"],
                "patch_size": vision["patch_size"],
                "hidden_act": activation,
                "projection_dim": config["embed_dim"],
            },
        )
    )
    twin.load_state_dict(to_transformers(model.state_dict()))
    twin.save_pretrained(folder)
    side = vision["image_size"]
    CLIPImageProcessor(
        size={"shortest_edge": side}, crop_size={"height": side, "width": side}
    ).save_pretrained(folder)
    tokenizer().save_pretrained(folder)


def tokenizer() -> CLIPTokenizer:
    """CLIP's own, from the table that comes with `open_clip`."""
    table = SimpleTokenizer()
    names = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    return CLIPTokenizer(
        vocab={names.get(token, token): index for token, index in table.encoder.items()},
        merges=sorted(table.bpe_ranks, key=table.bpe_ranks.get),
        model_max_length=77,
    )


def to_transformers(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors by the other implementation's names."""
    renamed: dict[str, Tensor] = {}
    for key, tensor in tensors.items():
        for pattern, replacement in RENAMED:
            key = re.sub(pattern, replacement, key)  # noqa: PLW2901
        if ".attn.in_proj_" in key:
            start, _, kind = key.partition(".attn.in_proj_")
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                renamed[f"{start}.self_attn.{part}_proj.{kind}"] = piece
        elif key in {"visual.proj", "text_projection"}:
            name = "visual_projection" if key == "visual.proj" else key
            renamed[f"{name}.weight"] = tensor.T.contiguous()
        else:
            renamed[key] = tensor
    return renamed
