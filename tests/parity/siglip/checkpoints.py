"""The same random SigLIP for `open_clip`, whose image tower is timm's, and `transformers`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import open_clip
import timm
import torch
from safetensors.torch import save_file
from timm.models import register_model
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import Tensor
from transformers import (
    PreTrainedTokenizerFast,
    SiglipConfig,
    SiglipImageProcessor,
    SiglipModel,
)

PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
WORDS = [PAD, END, UNKNOWN, "a", "photo", "of", "the", "red", "blue", "mug", "chair"]
CONTEXT = 12
WIDTH = 48
SIDE = 64


@register_model
def vit_tiny_siglip_of_openseg_tests(pretrained: bool = False, **settings: Any) -> Any:
    """timm's SigLIP image tower at reduced width, by a name that `open_clip` can look up."""
    assert not pretrained
    sizes: dict[str, Any] = {"embed_dim": WIDTH, "depth": 2, "num_heads": 3, "img_size": SIDE}
    # timm gives this tower the exact GELU, the other implementations the tanh form (1e-4 apart).
    sizes["act_layer"] = "gelu_tanh"
    return timm.create_model("vit_base_patch16_siglip_224", **(sizes | settings))


CONFIG: dict[str, Any] = {
    "embed_dim": WIDTH,
    "init_logit_bias": -10,
    "custom_text": True,
    "vision_cfg": {
        "image_size": SIDE,
        "timm_model_name": "vit_tiny_siglip_of_openseg_tests",
        "timm_model_pretrained": False,
        "timm_pool": "map",
        "timm_proj": "none",
    },
    "text_cfg": {
        "context_length": CONTEXT,
        "vocab_size": len(WORDS),
        "hf_tokenizer_name": "in this folder",
        "tokenizer_kwargs": {"clean": "canonicalize"},
        "width": WIDTH,
        "heads": 3,
        "layers": 2,
        "no_causal_mask": True,
        "proj_bias": True,
        "pool_type": "last",
        "norm_kwargs": {"eps": 1e-6},
        "act_kwargs": {"approximate": "tanh"},
    },
}
"""`ViT-B-16-SigLIP2` of `open_clip`, reduced."""

PREPROCESSING = {
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "resize_mode": "squash",
}

RENAMED = (
    (r"^visual\.trunk\.patch_embed\.proj\.", "vision_model.embeddings.patch_embedding."),
    (r"^visual\.trunk\.pos_embed$", "vision_model.embeddings.position_embedding.weight"),
    (r"^visual\.trunk\.norm\.", "vision_model.post_layernorm."),
    (r"^visual\.trunk\.blocks\.", "vision_model.encoder.layers."),
    (r"^visual\.trunk\.attn_pool\.latent$", "vision_model.head.probe"),
    (r"^visual\.trunk\.attn_pool\.norm\.", "vision_model.head.layernorm."),
    (r"^visual\.trunk\.attn_pool\.mlp\.", "vision_model.head.mlp."),
    (r"^visual\.trunk\.attn_pool\.proj\.", "vision_model.head.attention.out_proj."),
    (r"^text\.token_embedding\.", "text_model.embeddings.token_embedding."),
    (r"^text\.positional_embedding$", "text_model.embeddings.position_embedding.weight"),
    (r"^text\.ln_final\.", "text_model.final_layer_norm."),
    (r"^text\.text_projection\.", "text_model.head."),
    (r"^text\.transformer\.resblocks\.", "text_model.encoder.layers."),
    (r"\.(?:ln_|norm)([12])\.", r".layer_norm\1."),
    (r"\.mlp\.c_fc\.", ".mlp.fc1."),
    (r"\.mlp\.c_proj\.", ".mlp.fc2."),
    (r"\.attn\.(?:out_)?proj\.", ".self_attn.out_proj."),
)


def save_twins(folder: Path) -> Any:
    """Saves one network as `open-clip` and as `siglip`; gives the package's model."""
    torch.manual_seed(0)
    with torch.no_grad():
        model = open_clip.CustomTextCLIP(
            **{key: value for key, value in CONFIG.items() if key != "custom_text"}
        ).eval()
        for name, parameter in model.named_parameters():
            if "embed" in name or "latent" in name:
                parameter.normal_(std=0.3)
            elif parameter.ndim > 1:
                parameter.normal_(std=parameter[0].numel() ** -0.5)
            elif name.endswith("bias") and parameter.ndim:
                parameter.normal_(std=0.1)
        model.logit_scale.fill_(2.5)
        model.logit_bias.fill_(-7.25)
    _save_open_clip(model, folder / "open-clip")
    _save_transformers(model, folder / "siglip")
    return model


def tokenizer() -> PreTrainedTokenizerFast:
    """Words, an end token, and padding seen by the network."""
    backend = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token=UNKNOWN))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    backend.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token=PAD, eos_token=END, unk_token=UNKNOWN
    )


def _save_open_clip(model: Any, folder: Path) -> None:
    folder.mkdir(parents=True)
    text = json.dumps({"model_cfg": CONFIG, "preprocess_cfg": PREPROCESSING})
    (folder / "open_clip_config.json").write_text(text, "utf-8")
    tensors = {key: tensor.contiguous() for key, tensor in model.state_dict().items()}
    save_file(tensors, folder / "open_clip_model.safetensors")
    tokenizer().save_pretrained(folder)


def _save_transformers(model: Any, folder: Path) -> None:
    shared = {
        "hidden_size": WIDTH,
        "intermediate_size": 4 * WIDTH,
        "num_attention_heads": 3,
        "num_hidden_layers": 2,
        "hidden_act": "gelu_pytorch_tanh",
    }
    twin = SiglipModel(
        SiglipConfig(
            text_config={
                **shared,
                "vocab_size": len(WORDS),
                "max_position_embeddings": CONTEXT,
                "bos_token_id": None,
                "eos_token_id": 1,
                "pad_token_id": 0,
            },
            vision_config={**shared, "image_size": SIDE, "patch_size": 16},
        )
    )
    twin.load_state_dict(to_transformers(model.state_dict()))
    twin.save_pretrained(folder)
    SiglipImageProcessor(size={"height": SIDE, "width": SIDE}).save_pretrained(folder)
    tokenizer().save_pretrained(folder)


def to_transformers(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors by the other implementation's names."""
    renamed: dict[str, Tensor] = {}
    pool = "visual.trunk.attn_pool."
    for kind in ("weight", "bias"):
        parts = [tensors[f"{pool}q.{kind}"], tensors[f"{pool}kv.{kind}"]]
        renamed[f"vision_model.head.attention.in_proj_{kind}"] = torch.cat(parts)
    for key, tensor in tensors.items():
        if key.startswith((f"{pool}q.", f"{pool}kv.")):
            continue
        for pattern, replacement in RENAMED:
            key = re.sub(pattern, replacement, key)  # noqa: PLW2901
        start, _, kind = re.sub(r"in_proj_|qkv\.", "QKV", key).partition(".attn.QKV")
        if kind:
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                renamed[f"{start}.self_attn.{part}_proj.{kind}"] = piece
        elif key == "vision_model.embeddings.position_embedding.weight":
            renamed[key] = tensor[0]
        else:
            renamed[key] = tensor.reshape(1) if key.startswith("logit_") else tensor
    return renamed
