"""The network of the original Grounding DINO code, built from a `config.json` of `transformers`.

The code's own constructor and its BERT wrapper need an old `transformers`; this subclass builds the
same parts itself and inherits `forward`. Nothing in the package is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import torch
from groundingdino.models.GroundingDINO.backbone.backbone import Joiner
from groundingdino.models.GroundingDINO.backbone.position_encoding import build_position_encoding
from groundingdino.models.GroundingDINO.backbone.swin_transformer import SwinTransformer
from groundingdino.models.GroundingDINO.groundingdino import GroundingDINO
from groundingdino.models.GroundingDINO.transformer import Transformer
from groundingdino.models.GroundingDINO.utils import MLP, ContrastiveEmbed
from groundingdino.util.misc import NestedTensor
from torch import Tensor, nn
from transformers import BatchEncoding, BertModel


class OriginalModel(GroundingDINO):  # type: ignore[misc]
    """The original model, built from a `config.json` and fed with token ids.

    Args:
        config: The configuration in the format of `transformers`.
        separators: Ids of the tokens that separate phrases.
    """

    def __init__(self, config: Any, separators: Sequence[int]) -> None:
        nn.Module.__init__(self)
        width = config.d_model
        self.backbone = _backbone(config)
        self.transformer = _transformer(config)
        self.bert = TextEncoder(config.text_config)
        self.feat_map = nn.Linear(config.text_config.hidden_size, width)
        self.tokenizer = _given_ids
        self.specical_tokens = list(separators)  # the inherited forward reads it by this name
        self.max_text_len = config.max_text_len
        self.sub_sentence_present = True
        self.num_feature_levels = config.num_feature_levels
        channels: list[int] = self.backbone.num_channels
        extra = config.num_feature_levels - len(channels)
        inputs = [*channels, channels[-1], *[width] * (extra - 1)] if extra else channels
        self.input_proj = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(size, width, 1)
                if level < len(channels)
                else nn.Conv2d(size, width, 3, stride=2, padding=1),
                nn.GroupNorm(32, width),
            )
            for level, size in enumerate(inputs)
        )
        layers = config.decoder_layers
        shared = MLP(width, width, 4, 3)
        self.bbox_embed = nn.ModuleList(
            shared if config.decoder_bbox_embed_share else MLP(width, width, 4, 3)
            for _ in range(layers)
        )
        self.class_embed = nn.ModuleList(
            ContrastiveEmbed(config.max_text_len) for _ in range(layers)
        )
        self.transformer.decoder.bbox_embed = self.bbox_embed
        self.transformer.decoder.class_embed = self.class_embed
        self.transformer.enc_out_bbox_embed = (
            shared if config.two_stage_bbox_embed_share else MLP(width, width, 4, 3)
        )
        self.transformer.enc_out_class_embed = ContrastiveEmbed(config.max_text_len)


class TextEncoder(nn.Module):
    """BERT under the names of the original checkpoint, with a mask for every pair of tokens.

    Args:
        config: BERT's configuration.
    """

    def __init__(self, config: Any) -> None:
        super().__init__()
        bert = BertModel(config, add_pooling_layer=False)
        self.config = config
        self.embeddings = bert.embeddings
        self.encoder = bert.encoder

    def forward(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        position_ids: Tensor,
    ) -> dict[str, Tensor]:
        """Encodes tokens.

        Args:
            input_ids: int64 `[b, t]`.
            token_type_ids: int64 `[b, t]`.
            attention_mask: bool `[b, t, t]`, True where one token may see another.
            position_ids: int64 `[b, t]`, counted from 0 in each phrase.

        Returns:
            `last_hidden_state` `[b, t, d]`.
        """
        embedded = self.embeddings(
            input_ids=input_ids, token_type_ids=token_type_ids, position_ids=position_ids
        )
        hidden = torch.finfo(embedded.dtype).min
        mask = torch.zeros_like(attention_mask, dtype=embedded.dtype)
        mask = mask.masked_fill(~attention_mask, hidden)[:, None]
        return {"last_hidden_state": self.encoder(embedded, attention_mask=mask)[0]}


def _given_ids(captions: Sequence[Sequence[int]], **_: Any) -> BatchEncoding:
    """Stands in for the tokenizer: captions are token ids already, all of one length."""
    ids = torch.tensor(captions)
    return BatchEncoding(
        {
            "input_ids": ids,
            "token_type_ids": torch.zeros_like(ids),
            "attention_mask": torch.ones_like(ids),
        }
    )


def unpadded(pixels: Tensor) -> Any:
    """The code's own batch type, for a batch `[b, c, h, w]` without padding."""
    return NestedTensor(pixels, torch.zeros_like(pixels[:, 0], dtype=torch.bool))


def _backbone(config: Any) -> Any:
    swin = config.backbone_config
    levels = [int(name.removeprefix("stage")) - 1 for name in swin.out_features]
    encoder = SwinTransformer(
        patch_size=swin.patch_size,
        embed_dim=swin.embed_dim,
        depths=swin.depths,
        num_heads=swin.num_heads,
        window_size=swin.window_size,
        mlp_ratio=swin.mlp_ratio,
        qkv_bias=swin.qkv_bias,
        out_indices=tuple(levels),
    )
    temperature = config.positional_embedding_temperature
    position_embedding = build_position_encoding(
        SimpleNamespace(
            hidden_dim=config.d_model,
            position_embedding="sine",
            pe_temperatureH=temperature,
            pe_temperatureW=temperature,
        )
    )
    backbone = Joiner(encoder, position_embedding)
    backbone.num_channels = [encoder.num_features[level] for level in levels]
    return backbone


def _transformer(config: Any) -> Any:
    return Transformer(
        d_model=config.d_model,
        nhead=config.encoder_attention_heads,
        num_queries=config.num_queries,
        num_encoder_layers=config.encoder_layers,
        num_decoder_layers=config.decoder_layers,
        dim_feedforward=config.encoder_ffn_dim,
        return_intermediate_dec=True,
        num_feature_levels=config.num_feature_levels,
        enc_n_points=config.encoder_n_points,
        dec_n_points=config.decoder_n_points,
        learnable_tgt_init=True,
        two_stage_type="standard",
        embed_init_tgt=True,
        use_text_enhancer=True,
        use_fusion_layer=True,
        use_text_cross_attention=True,
    )
