"""Names of Grounding DINO's weights: from `transformers` to the original code.

The original keeps query, key and value of plain attention in one matrix; everything else is a
change of names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

_RENAMED = [
    (re.compile(pattern), name)
    for pattern, name in (
        # image backbone
        (r"^model\.backbone\.conv_encoder\.model\.swin\.", "backbone.0."),
        (r"^model\.backbone\.conv_encoder\.model\.", "backbone.0."),
        (r"^backbone\.0\.embeddings\.norm\.", "backbone.0.patch_embed.norm."),
        (
            r"^backbone\.0\.embeddings\.patch_embeddings\.projection\.",
            "backbone.0.patch_embed.proj.",
        ),
        (r"^backbone\.0\.hidden_states_norms\.stage2\.", "backbone.0.norm1."),
        (r"^backbone\.0\.hidden_states_norms\.stage3\.", "backbone.0.norm2."),
        (r"^backbone\.0\.hidden_states_norms\.stage4\.", "backbone.0.norm3."),
        (r"^backbone\.0\.encoder\.", "backbone.0."),
        (
            r"^(backbone.*)\.relative_position_bias\.relative_position_bias_table$",
            r"\1.relative_position_bias_table",
        ),
        (r"^(backbone.*\.blocks\.\d+)\.attention\.", r"\1.attn."),
        (r"^(backbone.*\.attn)\.o_proj\.", r"\1.proj."),
        (r"^(backbone.*)\.layernorm_before\.", r"\1.norm1."),
        (r"^(backbone.*)\.layernorm_after\.", r"\1.norm2."),
        (r"^model\.input_proj_vision\.", "input_proj."),
        # text
        (r"^model\.text_backbone\.", "bert."),
        (r"^model\.text_projection\.", "feat_map."),
        # transformer
        (r"^model\.level_embed$", "transformer.level_embed"),
        (r"^model\.query_position_embeddings\.", "transformer.tgt_embed."),
        (r"^model\.enc_output(_norm)?\.", r"transformer.enc_output\1."),
        (r"^model\.encoder_output_bbox_embed\.", "transformer.enc_out_bbox_embed."),
        (r"^model\.(encoder|decoder)\.", r"transformer.\1."),
        # encoder layers
        (r"\.layers\.(\d+)\.deformable_layer\.", r".layers.\1."),
        (r"\.layers\.(\d+)\.fusion_layer\.", r".fusion_layers.\1."),
        (r"\.layers\.(\d+)\.text_enhancer_layer\.", r".text_layers.\1."),
        (r"(fusion_layers\.\d+)\.layer_norm_vision\.", r"\1.layer_norm_v."),
        (r"(fusion_layers\.\d+)\.layer_norm_text\.", r"\1.layer_norm_l."),
        (r"(fusion_layers\.\d+)\.vision_param$", r"\1.gamma_v"),
        (r"(fusion_layers\.\d+)\.text_param$", r"\1.gamma_l"),
        (r"(fusion_layers\.\d+\.attn\.(?:out_|values_)?)vision_proj\.", r"\1v_proj."),
        (r"(fusion_layers\.\d+\.attn\.(?:out_|values_)?)text_proj\.", r"\1l_proj."),
        (r"(text_layers\.\d+)\.fc", r"\1.linear"),
        (r"(text_layers\.\d+)\.layer_norm_before\.", r"\1.norm1."),
        (r"(text_layers\.\d+)\.layer_norm_after\.", r"\1.norm2."),
        (r"^(transformer\.encoder\.layers\.\d+)\.self_attn_layer_norm\.", r"\1.norm1."),
        (r"^(transformer\.encoder\.layers\.\d+)\.final_layer_norm\.", r"\1.norm2."),
        # decoder layers
        (r"^transformer\.decoder\.layer_norm\.", "transformer.decoder.norm."),
        (r"^transformer\.decoder\.reference_points_head\.", "transformer.decoder.ref_point_head."),
        (r"^(transformer\.decoder\.layers\.\d+)\.encoder_attn\.", r"\1.cross_attn."),
        (r"^(transformer\.decoder\.layers\.\d+)\.encoder_attn_layer_norm\.", r"\1.norm1."),
        (r"^(transformer\.decoder\.layers\.\d+)\.encoder_attn_text\.", r"\1.ca_text."),
        (
            r"^(transformer\.decoder\.layers\.\d+)\.encoder_attn_text_layer_norm\.",
            r"\1.catext_norm.",
        ),
        (r"^(transformer\.decoder\.layers\.\d+)\.self_attn_layer_norm\.", r"\1.norm2."),
        (r"^(transformer\.decoder\.layers\.\d+)\.final_layer_norm\.", r"\1.norm3."),
        (r"^(transformer\.(?:encoder|decoder)\.layers\.\d+)\.fc", r"\1.linear"),
    )
]
"""Applied one after another to each key."""

_QUERY = re.compile(r"^(?P<place>(?!bert\.).*\.)(?P<part>query|q_proj)\.(?P<kind>weight|bias)$")


def to_original(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Renames the weights of `GroundingDinoForObjectDetection` for the original code.

    Args:
        weights: The model's `state_dict()` in `transformers`.

    Returns:
        Weights by the names of the original `GroundingDINO`.
    """
    named = {_rename(key): tensor for key, tensor in weights.items()}
    for key in list(named):
        if found := _QUERY.match(key):
            swin = found["part"] == "q_proj"
            parts = ("q_proj", "k_proj", "v_proj") if swin else ("query", "key", "value")
            fused = [named.pop(f"{found['place']}{part}.{found['kind']}") for part in parts]
            together = f"qkv.{found['kind']}" if swin else f"in_proj_{found['kind']}"
            named[found["place"] + together] = torch.cat(fused)
    return named


def _rename(key: str) -> str:
    for pattern, name in _RENAMED:
        key = pattern.sub(name, key)
    return key
