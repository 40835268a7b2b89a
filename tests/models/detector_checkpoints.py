"""Checkpoints of detectors with random weights at small width, saved as a user would have them."""

from __future__ import annotations

import hashlib
import string
from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertTokenizer,
    CLIPTokenizer,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoImageProcessor,
    Owlv2Config,
    Owlv2ForObjectDetection,
    Owlv2ImageProcessor,
    SwinConfig,
)

from openseg.types import Image

WORDS = """
car taxi red green blue mug the a on left t rex what dog cat person bus truck
"""


def picture(height: int, width: int, seed: int = 0) -> Image:
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (3, height, width), dtype=torch.uint8, generator=generator)
    digest = hashlib.sha256(repr((height, width)).encode() + pixels.numpy().tobytes()).hexdigest()
    return Image(pixels, digest, f"picture-{seed}.png")


def bert_tokenizer() -> BertTokenizer:
    """BERT's own ids for the special tokens; the rest is ours."""
    vocab = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103}
    vocab |= {".": 1012, "?": 1029}
    free = (index for index in range(1, 1100) if index not in vocab.values())
    tokens = [*WORDS.split(), "##s", *string.digits, *(f"##{digit}" for digit in string.digits)]
    vocab |= dict(zip(tokens, free, strict=False))
    taken = set(vocab.values())
    vocab |= {f"[unused{index}]": index for index in range(1100) if index not in taken}
    return BertTokenizer(vocab=vocab, do_lower_case=True, model_max_length=256)


def grounding_dino_config() -> GroundingDinoConfig:
    """The published architecture, narrow everywhere but where the original code fixes 256."""
    swin = SwinConfig(
        image_size=64,
        embed_dim=24,
        depths=[1, 1, 2, 1],
        num_heads=[2, 2, 3, 6],
        window_size=4,
        out_features=["stage2", "stage3", "stage4"],
    )
    text = BertConfig(
        vocab_size=1100,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
    )
    return GroundingDinoConfig(
        backbone_config=swin,
        text_config=text,
        d_model=256,
        encoder_layers=2,
        decoder_layers=2,
        encoder_ffn_dim=96,
        decoder_ffn_dim=96,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        num_queries=30,
    )


def shake(model: torch.nn.Module, amount: float, seed: int = 0) -> None:
    """Moves every weight off the neutral value some start from, so that none is without effect."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=amount)


def save_grounding_dino(folder: Path) -> Path:
    torch.manual_seed(0)
    model = GroundingDinoForObjectDetection(grounding_dino_config())
    shake(model, 0.05)
    model.save_pretrained(folder)
    bert_tokenizer().save_pretrained(folder)
    size = {"shortest_edge": 96, "longest_edge": 160}
    GroundingDinoImageProcessor(size=size).save_pretrained(folder)
    return folder


def clip_tokenizer() -> CLIPTokenizer:
    """A letter a token; the end token has the highest id, as OWLv2 expects."""
    letters = string.ascii_lowercase + string.digits
    pieces = ["!", *letters, *(f"{letter}</w>" for letter in letters)]
    vocab = {piece: index for index, piece in enumerate(pieces)}
    vocab |= {"<|startoftext|>": len(vocab), "<|endoftext|>": len(vocab) + 1}
    return CLIPTokenizer(vocab=vocab, merges=[], pad_token="!", model_max_length=16)


def owlv2_config() -> Owlv2Config:
    return Owlv2Config(
        text_config={
            "vocab_size": 75,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "max_position_embeddings": 16,
            "bos_token_id": 73,
            "eos_token_id": 74,
        },
        vision_config={
            "hidden_size": 48,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 64,
            "patch_size": 8,
        },
        projection_dim=32,
    )


def save_owlv2(folder: Path) -> Path:
    torch.manual_seed(0)
    model = Owlv2ForObjectDetection(owlv2_config())
    shake(model, 0.03)
    model.save_pretrained(folder)
    clip_tokenizer().save_pretrained(folder)
    Owlv2ImageProcessor(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder
