"""A SAM of published width without training: masks are blobs around points and boxes' corners.

Masks of random weights are all of the picture or none of it, so that hardly one of a thousand is
left without its repetitions, and what agrees or costs time for many masks would not be measured.
Here places attend to a point by how near it is, and the mask heads draw where they did so. The
encoder stays random and faint.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import gelu, normalize

FREQUENCIES = 2.0
"""Of the embedding of places: the blobs' radius is about a tenth of the picture over this."""

EDGE = 600.0
"""What logits rise by from outside a blob to its middle: steep enough to be called stable."""

LEVELS = (0.7, 0.65, 0.75, 0.85)
"""Where between outside and middle each mask of a prompt ends, the single one first."""

POINTS = [[[[x, y]] for y in (200.0, 500.0, 800.0) for x in (200.0, 500.0, 800.0)]]


@torch.no_grad()
def blob_sam() -> Any:
    """`transformers.SamModel` of the size of ViT-B, in eval mode; the same weights each time."""
    from transformers import SamConfig, SamModel

    torch.manual_seed(0)
    model = SamModel(SamConfig()).eval()
    for name, weight in model.named_parameters():
        if "pos_embed" in name or "rel_pos" in name:
            weight.normal_(std=0.02)
    model.vision_encoder.neck.layer_norm2.weight.mul_(0.05)
    _attend_by_distance(model)
    _draw_where_attended(model)
    model.mask_decoder.iou_prediction_head.proj_out.bias.fill_(0.88)
    return model


def _attend_by_distance(model: Any) -> None:
    """Queries and keys get the same weights, so that like places meet; points alone say a word."""
    decoder, prompts = model.mask_decoder, model.prompt_encoder
    width = decoder.config.hidden_size
    waves = FREQUENCIES * torch.randn(2, width // 2)
    model.shared_image_embedding.positional_embedding.copy_(waves)
    prompts.shared_embedding.positional_embedding.copy_(waves)
    prompts.no_mask_embed.weight.normal_()
    point, other = (normalize(torch.randn(width), dim=0) for _ in range(2))
    for inside_or_corner in prompts.point_embed[1:]:
        inside_or_corner.weight.copy_(width**0.5 * point[None])
    for own in (decoder.iou_token, decoder.mask_tokens, prompts.not_a_point_embed):
        own.weight.copy_((width**0.5 * other).expand_as(own.weight))
    among = decoder.transformer.layers[0].self_attn
    among.k_proj.weight.copy_(among.q_proj.weight.mul_(3))
    for same in (among.v_proj, among.out_proj):
        torch.nn.init.eye_(same.weight)
    place = torch.eye(width) - torch.outer(point, point) - torch.outer(other, other)
    for layer in decoder.transformer.layers:
        back = layer.cross_attn_image_to_token
        back.k_proj.weight.copy_(back.q_proj.weight.mul_(6) @ place)
        back.v_proj.weight.copy_(torch.outer(back.v_proj.weight @ point, point))
        back.out_proj.weight.mul_(8)


def _draw_where_attended(model: Any) -> None:
    """Sets the mask heads by what the decoder gives near some points, and elsewhere."""
    decoder = model.mask_decoder
    for up in (decoder.upscale_conv1, decoder.upscale_conv2):
        up.weight.copy_(up.weight[:, :, :1, :1].expand_as(up.weight))  # no pattern of pixels
    fine: list[Tensor] = []
    hook = decoder.upscale_conv2.register_forward_hook(lambda *some: fine.append(gelu(some[2])))
    config = model.config.prompt_encoder_config
    side, points = config.image_embedding_size, torch.tensor(POINTS)
    model(
        image_embeddings=torch.zeros(1, config.hidden_size, side, side),
        input_points=points,
        input_labels=torch.ones(points.shape[:3], dtype=torch.int64),
    )
    hook.remove()
    cells = (points.reshape(-1, 2) * (4 * side / config.image_size)).long()
    near = torch.stack([one[:, y, x] for one, (x, y) in zip(fine[0], cells.tolist(), strict=True)])
    outside = fine[0].mean(dim=(0, 2, 3))
    rise = near.mean(dim=0) - outside
    up, flat = rise / rise.dot(rise), outside / outside.dot(outside)
    for head, level in zip(decoder.output_hypernetworks_mlps, LEVELS, strict=True):
        drawn = EDGE * (up - (up.dot(outside) + level) * flat)
        head.proj_out.bias.copy_(drawn)
        head.proj_out.weight.mul_(0.005 * float(drawn.norm()))  # prompts differ a little
