"""Losses of the mini Grounding DINO: dense on the encoder's tokens, one-to-many on the queries.

One-to-one (Hungarian) matching gives a handful of positives an image, too few for training from
scratch. Here every encoder token near the middle of an object is a positive of that object
(Tian et al. 2019, FCOS), and every query whose proposal overlaps an object is one, with its own
overlap as the target score (Zhang et al. 2021, VarifocalNet). A query keeps the object of its
proposal in all layers: owned by where it has gone, queries of things on a desk all went to the
desk and nothing called them back. Duplicates are left to non-maximum suppression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import GroundingDinoForObjectDetection

from openseg.mini.recipes.grounding_dino.batch import Batch
from openseg.mini.recipes.grounding_dino.model import STRIDES

LEVEL_SIZES = ((0.0, 48.0), (32.0, 96.0), (72.0, 1e9))
"""Longest side in pixels of the objects each feature level learns; neighbours overlap."""
CENTRE_RADIUS = 1.5
"""Positive tokens lie within this many strides of the box centre."""
SCORE_SHIFT = 1.5
"""Logits are trained to lie this much below the loss's own scale, so that the box threshold that
published checkpoints are used with (0.25) is the right one here too; without it, 0.6 would be."""


@dataclass(frozen=True)
class Grid:
    """Encoder tokens of one image size: centres in pixels [n, 2], stride [n] and level [n]."""

    centres: Tensor
    strides: Tensor
    levels: Tensor

    @staticmethod
    def of(height: int, width: int, device: torch.device | None = None) -> Grid:
        """Lay out the tokens of the feature levels in the order the encoder keeps them."""
        centres, strides, levels = [], [], []
        for level, stride in enumerate(STRIDES):
            rows, columns = -(-height // stride), -(-width // stride)
            y = (torch.arange(rows) + 0.5) * height / rows
            x = (torch.arange(columns) + 0.5) * width / columns
            grid_y, grid_x = torch.meshgrid(y, x, indexing="ij")
            centres.append(torch.stack([grid_x.flatten(), grid_y.flatten()], 1))
            strides.append(torch.full((rows * columns,), float(stride)))
            levels.append(torch.full((rows * columns,), level))
        return Grid(*(torch.cat(some).to(device) for some in (centres, strides, levels)))


@dataclass(frozen=True)
class LayerOutput:
    """What one decoder layer says: logits [b, q, t], boxes xyxy relative to the image [b, q, 4]."""

    logits: Tensor
    boxes: Tensor


def decoder_layers(
    model: GroundingDinoForObjectDetection, outputs: Any, attention_mask: Tensor
) -> list[LayerOutput]:
    """Read scores and boxes of every decoder layer; `forward` itself returns only the last.

    Args:
        model: the model.
        outputs: what its `forward` returned.
        attention_mask: mask of the prompt, int64 [b, t].
    """
    hidden = outputs.intermediate_hidden_states
    references = [outputs.init_reference_points, *outputs.intermediate_reference_points.unbind(1)]
    text = outputs.encoder_last_hidden_state_text
    layers = []
    for index in range(hidden.shape[1]):
        state = hidden[:, index]
        logits = model.class_embed[index](state, text, attention_mask.bool())
        delta = model.bbox_embed[index](state).float()
        boxes = (delta + torch.special.logit(references[index].float(), eps=1e-5)).sigmoid()
        layers.append(LayerOutput(logits[..., : text.shape[1]].float(), to_corners(boxes)))
    return layers


def detection_loss(
    model: GroundingDinoForObjectDetection, outputs: Any, batch: Batch
) -> dict[str, Tensor]:
    """Return the terms of the training loss; their sum is what is minimised.

    Args:
        model: the model, for the heads of its decoder layers.
        outputs: what its `forward` returned for the batch.
        batch: the batch.
    """
    length = batch.input_ids.shape[1]
    height, width = batch.pixel_values.shape[-2:]
    owner, skipped = assign_tokens(Grid.of(height, width, batch.boxes.device), batch)
    boxes = to_corners(outputs.enc_outputs_coord_logits.float().sigmoid())
    logits = outputs.enc_outputs_class[..., :length].float()
    named = _of_owner(batch.names, owner).float()
    terms = {
        "loss_encoder_score": _focal(logits, named, _weight(batch, owner, skipped)),
        "loss_encoder_box": _box_loss(boxes, batch.boxes, owner),
    }
    proposals = to_corners(outputs.init_reference_points.detach().float())
    owner, skipped = assign_queries(proposals, batch)
    wanted = batch.boxes.gather(1, owner.clamp(min=0)[..., None].expand(-1, -1, 4))
    weight = _weight(batch, owner, skipped)
    for index, layer in enumerate(decoder_layers(model, outputs, batch.attention_mask)):
        overlap = iou(layer.boxes.detach(), wanted)
        quality = _of_owner(batch.names, owner) * overlap[..., None]
        terms[f"loss_decoder{index}_score"] = _varifocal(
            layer.logits + SCORE_SHIFT, quality, weight
        )
        terms[f"loss_decoder{index}_box"] = _box_loss(layer.boxes, batch.boxes, owner)
    return terms


def assign_tokens(grid: Grid, batch: Batch) -> tuple[Tensor, Tensor]:
    """Give encoder tokens to objects.

    A token belongs to an object of a size its level learns if its centre lies inside the box and
    near the middle of it; the smaller object wins. An object that no token would serve gets the
    token nearest to its middle.

    Args:
        grid: the n tokens.
        batch: the batch of b scenes.

    Returns:
        Index of the token's object or -1, int64 [b, n]; tokens inside an ignored object only,
        bool [b, n].
    """
    height, width = batch.pixel_values.shape[-2:]
    boxes = batch.boxes * batch.boxes.new_tensor([width, height, width, height])
    offset = grid.centres[None, :, None] - (boxes[..., :2] + boxes[..., 2:])[:, None] / 2
    side = boxes[..., 2:] - boxes[..., :2]
    inside = (offset.abs() < side[:, None] / 2).all(-1)
    close = (offset.abs() <= CENTRE_RADIUS * grid.strides[:, None, None]).all(-1)
    bounds = boxes.new_tensor(LEVEL_SIZES)[grid.levels]
    longest = side.amax(-1)[:, None]
    fits = (longest > bounds[:, :1]) & (longest <= bounds[:, 1:])
    candidate = inside & close & fits & batch.present[:, None]
    unserved = batch.present & ~candidate.any(1)
    distance = offset.square().sum(-1).masked_fill(~fits, torch.inf)
    nearest = functional.one_hot(distance.argmin(1), len(grid.centres)).bool().transpose(1, 2)
    candidate |= nearest & unserved[:, None]
    area = side.prod(-1)[:, None].expand_as(candidate).masked_fill(~candidate, torch.inf)
    owner = torch.where(candidate.any(-1), area.argmin(-1), -1)
    return owner, (inside & batch.ignored[:, None]).any(-1) & (owner < 0)


def assign_queries(boxes: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """Give every query the object it overlaps by half or more, and every object its best query.

    Args:
        boxes: the queries' proposals, boxes xyxy, relative, [b, q, 4].
        batch: the batch of b scenes.

    Returns:
        Index of the query's object or -1, int64 [b, q]; queries on an ignored object,
        bool [b, q].
    """
    overlaps = iou(boxes[:, :, None], batch.boxes[:, None])
    scored = overlaps.masked_fill(~batch.present[:, None], -1.0)
    overlap, owner = scored.max(-1)
    owner = torch.where(overlap >= 0.5, owner, -1)
    best_overlap, best_query = scored.max(1)
    rows, columns = torch.nonzero(batch.present & (best_overlap > 0.05), as_tuple=True)
    owner[rows, best_query[rows, columns]] = columns
    on_ignored = (overlaps.masked_fill(~batch.ignored[:, None], 0.0) > 0.2).any(-1)
    return owner, on_ignored & (owner < 0)


def to_corners(boxes: Tensor) -> Tensor:
    """Turn boxes given by centre and size into xyxy, [..., 4]."""
    centre, half = boxes[..., :2], boxes[..., 2:] / 2
    return torch.cat([centre - half, centre + half], -1)


def iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union of boxes xyxy that broadcast against each other, [..., 4]."""
    return _overlap_terms(first, second)[0]


def _overlap_terms(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Return IoU and generalized IoU (Rezatofighi et al. 2019)."""
    low = torch.maximum(first[..., :2], second[..., :2])
    high = torch.minimum(first[..., 2:], second[..., 2:])
    inter = (high - low).clamp(min=0).prod(-1)
    area = (first[..., 2:] - first[..., :2]).prod(-1) + (second[..., 2:] - second[..., :2]).prod(-1)
    union = (area - inter).clamp(min=1e-7)
    hull_low = torch.minimum(first[..., :2], second[..., :2])
    hull_high = torch.maximum(first[..., 2:], second[..., 2:])
    hull = (hull_high - hull_low).prod(-1).clamp(min=1e-7)
    ratio = inter / union
    return ratio, ratio - (hull - union) / hull


def _of_owner(tokens: Tensor, owner: Tensor) -> Tensor:
    """Tokens of the owner of each position: bool [b, n, t] from [b, m, t] and owners [b, n]."""
    index = owner.clamp(min=0)[..., None].expand(-1, -1, tokens.shape[-1])
    return tokens.gather(1, index) & (owner >= 0)[..., None]


def _weight(batch: Batch, owner: Tensor, skipped: Tensor) -> Tensor:
    """Weight 1 for pairs of position and token that count, [b, n, t]."""
    unsure = _of_owner(batch.unsure, owner)
    return (batch.attention_mask.bool()[:, None] & ~skipped[..., None] & ~unsure).float()


def _focal(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Focal loss (Lin et al. 2017) with gamma 2, per positive."""
    logits = torch.where(weight > 0, logits, 0.0)
    probability = logits.sigmoid()
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    gap = (target - probability).square()
    return (entropy * gap * weight).sum() / target.sum().clamp(min=1.0)


def _varifocal(logits: Tensor, quality: Tensor, weight: Tensor) -> Tensor:
    """Varifocal loss (Zhang et al. 2021): positives learn their overlap, per positive."""
    logits = torch.where(weight > 0, logits, 0.0)
    entropy = functional.binary_cross_entropy_with_logits(logits, quality, reduction="none")
    focus = torch.where(quality > 0, quality, logits.detach().sigmoid().square())
    return (entropy * focus * weight).sum() / quality.sum().clamp(min=1.0)


def _box_loss(boxes: Tensor, truth: Tensor, owner: Tensor) -> Tensor:
    """L1 (weight 5) and generalized IoU (weight 2) of the owned positions, per position."""
    rows, columns = torch.nonzero(owner >= 0, as_tuple=True)
    predicted, wanted = boxes[rows, columns], truth[rows, owner[rows, columns]]
    absolute = (predicted - wanted).abs().sum()
    overlap = (1.0 - _overlap_terms(predicted, wanted)[1]).sum()
    return (5.0 * absolute + 2.0 * overlap) / max(1, len(rows))
