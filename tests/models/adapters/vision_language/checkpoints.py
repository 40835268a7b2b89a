"""Small random image-text-to-text checkpoints with chat templates of three published kinds."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    CLIPImageProcessor,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
    SmolVLMConfig,
    SmolVLMForConditionalGeneration,
    SmolVLMImageProcessor,
    SmolVLMProcessor,
    SmolVLMVideoProcessor,
)

PARTS = (
    "{% for part in message['content'] %}"
    "{{ IMAGE if part['type'] in ('image', 'image_url') else part['text'] }}{% endfor %}"
)
LLAMA = {
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "initializer_range": 0.4,  # decided replies: no two tokens are nearly as likely
}


def tokenizer(specials: dict[str, str], extra: dict[str, str]) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer without merges."""
    marks = [*specials.values(), *extra.values()]
    letters = [*dict.fromkeys(marks), *sorted(pre_tokenizers.ByteLevel.alphabet())]
    core = Tokenizer(models.BPE(vocab={token: at for at, token in enumerate(letters)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens(marks)
    return PreTrainedTokenizerFast(
        tokenizer_object=core, **specials, extra_special_tokens=extra, model_max_length=2048
    )


def save_llava(folder: Path) -> Path:
    """LLaVA with a CLIP tower of 9 patches and its class token."""
    torch.manual_seed(0)
    words = tokenizer(
        {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"}, {"image_token": "<image>"}
    )
    template = (
        "<s>{% for message in messages %}"
        "{{ 'USER: ' if message['role'] == 'user' else 'ASSISTANT:' }}"
        "{{ ' ' if message['role'] != 'user' else '' }}"
        + PARTS.replace("IMAGE", "'<image>'")
        + "{{ '</s>' if message['role'] != 'user' else ' ' }}{% endfor %}"
        "{{ 'ASSISTANT:' if add_generation_prompt else '' }}"
    )
    side = {"height": 24, "width": 24}
    images = CLIPImageProcessor(size=side, crop_size=side, do_center_crop=False)
    processor = LlavaProcessor(
        images,
        words,
        patch_size=8,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=1,
        chat_template=template,
    )
    config = LlavaConfig(
        vision_config={
            "model_type": "clip_vision_model",
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 24,
            "patch_size": 8,
        },
        text_config={**LLAMA, "vocab_size": len(words)},
        image_token_id=words.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
    )
    return _save(LlavaForConditionalGeneration(config), processor, folder)


def save_smolvlm(folder: Path) -> Path:
    """SmolVLM; large pictures are cut into tiles of 32 pixels."""
    torch.manual_seed(0)
    words = tokenizer(
        {"pad_token": "<pad>", "bos_token": "<|im_start|>", "eos_token": "<end_of_utterance>"},
        {
            "image_token": "<image>",
            "fake_image_token": "<fake_token_around_image>",
            "global_image_token": "<global-img>",
            "end_of_utterance_token": "<end_of_utterance>",
        },
    )
    template = (
        "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}"
        "{{ ':' if message['content'][0]['type'] == 'image' else ': ' }}"
        + PARTS.replace("IMAGE", "'<image>'")
        + "<end_of_utterance>\n{% endfor %}{{ 'Assistant:' if add_generation_prompt else '' }}"
    )
    processor = SmolVLMProcessor(
        SmolVLMImageProcessor(size={"longest_edge": 64}, max_image_size={"longest_edge": 32}),
        words,
        SmolVLMVideoProcessor(size={"longest_edge": 32}, max_image_size={"longest_edge": 32}),
        image_seq_len=4,
        chat_template=template,
    )
    config = SmolVLMConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 32,
            "patch_size": 8,
        },
        text_config={**LLAMA, "vocab_size": len(words), "pad_token_id": words.pad_token_id},
        image_token_id=words.convert_tokens_to_ids("<image>"),
        scale_factor=2,
    )
    return _save(SmolVLMForConditionalGeneration(config), processor, folder)


def save_qwen(folder: Path) -> Path:
    """Qwen2.5-VL: positions in three axes, pictures at their own size."""
    torch.manual_seed(0)
    words = tokenizer(
        {"pad_token": "<|endoftext|>", "eos_token": "<|im_end|>"},
        {
            "start": "<|im_start|>",
            "vision_start": "<|vision_start|>",
            "vision_end": "<|vision_end|>",
            "image_token": "<|image_pad|>",
            "video_token": "<|video_pad|>",
        },
    )
    template = (
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
        + PARTS.replace("IMAGE", "'<|vision_start|><|image_pad|><|vision_end|>'")
        + "<|im_end|>\n{% endfor %}"
        "{{ '<|im_start|>assistant\n' if add_generation_prompt else '' }}"
    )
    processor = Qwen2_5_VLProcessor(
        Qwen2VLImageProcessor(patch_size=14, min_pixels=28 * 28, max_pixels=28 * 28 * 16),
        words,
        Qwen2VLVideoProcessor(),
        chat_template=template,
    )
    ids = words.convert_tokens_to_ids
    config = Qwen2_5_VLConfig(
        text_config={
            **LLAMA,
            "model_type": "qwen2_5_vl_text",
            "vocab_size": len(words),
            "rope_parameters": {
                "rope_type": "default",
                "mrope_section": [2, 3, 3],
                "rope_theta": 1e4,
            },
        },
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 32,
            "patch_size": 14,
            "fullatt_block_indexes": [1],
        },
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
    )
    return _save(Qwen2_5_VLForConditionalGeneration(config), processor, folder)


def _save(model, processor, folder: Path) -> Path:
    words = processor.tokenizer
    model.generation_config.eos_token_id = words.eos_token_id
    model.generation_config.pad_token_id = words.pad_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
