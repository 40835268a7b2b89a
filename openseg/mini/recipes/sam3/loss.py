"""Losses of the mini SAM 3: presence for every concept, instances where there are some.

The last decoder layer is matched one to one (Hungarian), so that it learns to say each instance
once. That gives few positives; the layers before it are matched one to many, every query that
overlaps an instance (Jia et al. 2023, DETRs with Hybrid Matching, layer by layer), and a map of all
the concept's pixels teaches the features densely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn import functional
from torchvision.ops import generalized_box_iou, generalized_box_iou_loss
from transformers import Sam3Model

from openseg.mini.recipes.grounding_dino.loss import iou, to_corners
from openseg.mini.recipes.sam3.batch import Batch

SCORE, BOX, OVERLAP = 2.0, 5.0, 2.0
"""Weights of score, box edges and generalized IoU, in matching and in the loss (DETR's)."""
MASK, DICE = 5.0, 2.0
"""Weights of a mask's focal and dice loss, of Mask2Former for its cross entropy and dice."""
ON_UNSURE = 0.2
"""A query that overlaps an unsure region by more is neither right nor wrong."""


@dataclass(frozen=True)
class Layer:
    """What a decoder layer says: scores [r, q], boxes [r, q, 4] xyxy relative, presence [r].

    Scores and presence are logits.
    """

    logits: Tensor
    boxes: Tensor
    presence: Tensor


def forward(model: Sam3Model, batch: Batch) -> tuple[Any, list[Layer]]:
    """Runs the network: a crop is encoded once, however many concepts are asked of it.

    Args:
        model: the model; it returns the last decoder layer only, the others are overheard.
        batch: the batch.

    Returns:
        What the model returned, and what each decoder layer says.
    """
    vision = model.get_vision_features(batch.pixels)
    # In half precision, autocast could not pool what lies under a box.
    vision.fpn_hidden_states = tuple(one[batch.crop].float() for one in vision.fpn_hidden_states)
    vision.fpn_position_encoding = tuple(one[:1] for one in vision.fpn_position_encoding)
    heard: list[tuple[dict[str, Any], Any]] = []
    hook = model.detr_decoder.register_forward_hook(
        lambda _module, _given, named, found: heard.append((named, found)), with_kwargs=True
    )
    outputs = model(
        vision_embeds=vision,
        input_ids=batch.input_ids,
        attention_mask=batch.attention_mask,
        input_boxes=batch.exemplars,
        input_boxes_labels=batch.positive,
    )
    hook.remove()
    [(named, found)] = heard
    states = found.intermediate_hidden_states
    logits = model.dot_product_scoring(states, named["text_features"], named["text_mask"])
    delta = model.detr_decoder.box_head(states).float()
    boxes = to_corners((delta + torch.logit(found.reference_boxes.float(), 1e-3)).sigmoid())
    layers = zip(logits.float(), boxes, found.presence_logits.float(), strict=True)
    return outputs, [Layer(a[..., 0], b, c[..., 0]) for a, b, c in layers]


def concept_loss(outputs: Any, layers: list[Layer], batch: Batch) -> dict[str, Tensor]:
    """Return the terms of the training loss; their sum is what is minimised.

    Args:
        outputs: what `forward` returned.
        layers: the layers that it returned.
        batch: the batch.
    """
    truth = batch.boxes[batch.crop]
    terms: dict[str, Tensor] = {}
    for index, layer in enumerate(layers):
        last = index == len(layers) - 1
        owner = match_once(layer, truth, batch.named) if last else match(layer, truth, batch.named)
        terms[f"loss_presence{index}"] = _presence(layer.presence, batch)
        terms[f"loss_score{index}"] = SCORE * _score(layer, truth, owner, batch)
        terms[f"loss_box{index}"] = _box(layer.boxes, truth, owner)
    rows, queries = (owner >= 0).nonzero(as_tuple=True)
    wanted = batch.masks[batch.crop[rows], owner[rows, queries]]
    terms["loss_mask"] = _mask(outputs.pred_masks.float()[rows, queries], wanted)
    certain = batch.named.any(1) | ~batch.unsure.any(1)
    union = torch.einsum("rm,rmhw->rhw", batch.named.float(), batch.masks[batch.crop]).clamp(max=1)
    terms["loss_semantic"] = _mask(outputs.semantic_seg.float()[certain, 0], union[certain])
    return terms


def match(layer: Layer, truth: Tensor, named: Tensor) -> Tensor:
    """Give every query the named region it overlaps by half or more, and every one its best query.

    Args:
        layer: the layer's boxes for r concepts.
        truth: boxes of the regions, [r, m, 4].
        named: whether the concept names them, bool [r, m].

    Returns:
        Index of the query's region or -1, int64 [r, q].
    """
    overlaps = iou(layer.boxes.detach()[:, :, None], truth[:, None])
    overlaps = overlaps.masked_fill(~named[:, None], -1.0)
    overlap, owner = overlaps.max(-1)
    owner = torch.where(overlap >= 0.5, owner, -1)
    best_overlap, best_query = overlaps.max(1)
    rows, columns = torch.nonzero(named & (best_overlap > 0), as_tuple=True)
    owner[rows, best_query[rows, columns]] = columns
    return owner


@torch.no_grad()
def match_once(layer: Layer, truth: Tensor, named: Tensor) -> Tensor:
    """Give every named region one query, so that the cost of all pairs is lowest.

    Args:
        layer: the layer's boxes and scores for r concepts.
        truth: boxes of the regions, [r, m, 4].
        named: whether the concept names them, bool [r, m].

    Returns:
        Index of the query's region or -1, int64 [r, q].
    """
    owner = torch.full(layer.logits.shape, -1)
    for row in named.any(1).nonzero()[:, 0].tolist():
        columns = named[row].nonzero()[:, 0]
        boxes, wanted = layer.boxes[row], truth[row, columns]
        cost = (
            BOX * torch.cdist(boxes, wanted, p=1)
            - OVERLAP * generalized_box_iou(boxes, wanted)
            - SCORE * layer.logits[row].sigmoid()[:, None]
        )
        queries, regions = linear_sum_assignment(cost.cpu().numpy())
        owner[row, torch.from_numpy(queries)] = columns.cpu()[torch.from_numpy(regions)]
    return owner.to(named.device)


def _presence(logits: Tensor, batch: Batch) -> Tensor:
    """Cross entropy of "there is one", where that is certain."""
    there = batch.named.any(1)
    certain = there | ~batch.unsure.any(1)
    return functional.binary_cross_entropy_with_logits(logits[certain], there[certain].float())


def _score(layer: Layer, truth: Tensor, owner: Tensor, batch: Batch) -> Tensor:
    """Varifocal loss (Zhang et al. 2021) of the queries, of concepts that are there, per instance.

    What is absent is the presence token's business, as in SAM 3.
    """
    overlaps = iou(layer.boxes.detach()[:, :, None], truth[:, None])
    quality = overlaps.gather(-1, owner.clamp(min=0)[..., None])[..., 0] * (owner >= 0)
    doubtful = (overlaps.masked_fill(~batch.unsure[:, None], 0.0) > ON_UNSURE).any(-1)
    counted = batch.named.any(1, keepdim=True) & ~(doubtful & (owner < 0))
    entropy = functional.binary_cross_entropy_with_logits(layer.logits, quality, reduction="none")
    focus = torch.where(owner >= 0, quality, layer.logits.detach().sigmoid().square())
    return (entropy * focus * counted).sum() / (owner >= 0).sum().clamp(min=1)


def _box(boxes: Tensor, truth: Tensor, owner: Tensor) -> Tensor:
    """Edges and generalized IoU of the queries that have a region, per query."""
    rows, queries = (owner >= 0).nonzero(as_tuple=True)
    found, wanted = boxes[rows, queries], truth[rows, owner[rows, queries]]
    edges = (found - wanted).abs().sum()
    overlap: Tensor = generalized_box_iou_loss(found, wanted, reduction="sum")
    return (BOX * edges + OVERLAP * overlap) / max(1, len(rows))


def _mask(logits: Tensor, wanted: Tensor) -> Tensor:
    """Focal loss (Lin et al. 2017) and dice loss of masks, per mask; `wanted` may be in between."""
    if not len(logits):
        return logits.sum()
    chance = logits.sigmoid()
    entropy = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    focal = (entropy * (chance - wanted).square()).mean((1, 2))
    both = (chance * wanted).sum((1, 2))
    dice = 1.0 - (2.0 * both + 1.0) / (chance.sum((1, 2)) + wanted.sum((1, 2)) + 1.0)
    return (MASK * focal + DICE * dice).mean()
