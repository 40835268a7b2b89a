"""GranD-f cases on which the official evaluation was run, and a small BERT to compare phrases.

Among the images: no truth, no prediction, neither; duplicates; equal IoUs; single pixels; masks
without a pixel, against each other as well; crowds; fewer phrases than masks on either side; two
captions, no caption, and an image that only the masks' file lists.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.parity.evals.cases import SIZE, blob, encoded, shifted

WORDS = ("a red mug", "red mug", "The table", "a table", "two dogs", "dogs on grass", "sky", "Sky ")
IMAGES = 24
BERT = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}


def annotations(folder: Path) -> None:
    """`truth/{val,test}_gcg_coco_{mask,caption}_gt.json` and `predictions/<image>.json`."""
    random = np.random.default_rng(41)
    for name in ("truth", "predictions"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    # The order of the files is not that of the names.
    names = [f"sa_{number}" for number in random.permutation(IMAGES)]
    images = [{"id": one, "file_name": f"{one}.jpg", "height": 60, "width": 80} for one in names]
    masks, captions = [], []
    for number, name in enumerate(names):
        truth = _truth(random, number)
        for mask in truth:
            one = {"id": len(masks), "image_id": name, "category_id": 1, "bbox": [0, 0, 1, 1]}
            one |= {"area": int(mask.sum()), "iscrowd": int(number == 9 and mask is truth[0])}
            masks.append({**one, "segmentation": encoded(mask)})
        labels = [str(random.choice(WORDS)) for _ in truth]
        if number % 7 == 6:
            labels = labels[:-1]
        if number not in {11, 23}:
            captions.append(
                {"id": 100 + number, "image_id": name, "caption": "a", "labels": labels}
            )
        if number == 12:
            captions.append({**captions[-1], "id": 500, "labels": ["never read"]})
        guess = _prediction(random, number, truth, labels)
        inner = {"caption": "some words", **guess}
        outer = {f"{name}.jpg": inner} if number % 2 else {"image_id": name, **inner}
        if number != 23:
            (folder / "predictions" / f"{name}.json").write_text(json.dumps(outer))
    categories = [{"id": 1, "name": "object"}]
    files = {
        "mask": {"images": images, "annotations": masks, "categories": categories},
        "caption": {"images": images[:-1], "annotations": captions},
    }
    for split, content in (("val", files), ("test", {kind: _empty(files) for kind in files})):
        for kind, one in content.items():
            (folder / "truth" / f"{split}_gcg_coco_{kind}_gt.json").write_text(json.dumps(one))


def _empty(files):
    return {**files["mask"], "annotations": []}


def _truth(random, number):
    if number in {2, 3}:
        return []
    found = [blob(random) for _ in range(1 + number % 4)]
    if number == 5:
        found[-1] = np.zeros(SIZE, bool)
    if number == 8:
        found.append(found[0])
    return found


def _prediction(random, number, truth, labels):
    if number in {3, 4}:
        return {"phrases": [], "pred_masks": []}
    masks, phrases = [], []
    for place, mask in enumerate(truth):
        if random.random() < 0.15:
            continue
        masks.append(shifted(random, mask, 2))
        label = labels[place] if place < len(labels) else "more"
        phrases.append(label if random.random() < 0.7 else str(random.choice(WORDS)))
        if random.random() < 0.2:
            masks.append(masks[-1])
            phrases.append(phrases[-1].upper())
    if number in {2, 5, 10}:
        masks.append(blob(random) if number == 2 else np.zeros(SIZE, bool))
        phrases.append("")
    order = random.permutation(len(masks))
    phrases = [phrases[one] for one in order]
    return {
        "phrases": phrases[: -1 if number % 5 == 1 else None],
        "pred_masks": [encoded(masks[one]) for one in order],
    }


def bert(folder: Path) -> None:
    """A BERT of random weights, the same on every machine, whose phrases are not all alike."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words += sorted({word for text in (*WORDS, "more") for word in text.lower().split()})
    vocabulary = {word: place for place, word in enumerate(words)}
    model = BertModel(BertConfig(vocab_size=len(words), intermediate_size=32, **BERT))
    random = np.random.default_rng(43)
    scales = {"bias": 0.05, "position": 0.05, "token_type": 0.05, "encoder": 0.2}
    with torch.no_grad():
        for name, value in sorted(model.named_parameters()):
            scale = next((one for part, one in scales.items() if part in name), 1.0)
            values = random.normal(0, scale, tuple(value.shape))
            value.copy_(torch.tensor(values + ("LayerNorm.weight" in name)))
    model.save_pretrained(folder)
    BertTokenizer(vocab=vocabulary).save_pretrained(folder)
