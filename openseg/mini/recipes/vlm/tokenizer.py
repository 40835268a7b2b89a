"""Build the tokenizer and the chat format of `mini-vlm`.

Byte-level BPE (Sennrich et al. 2016, arXiv:1508.07909) learnt from the words of the world, so
every such word is one token and any other text can still be written. A turn reads
`<user><image>...question<assistant>answer</s>`; every turn is about the pictures it begins with.
"""

from __future__ import annotations

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from openseg.mini.recipes.clip.tokenizer import PLAIN_WORDS
from openseg.mini.rooms.sentences import words

PAD, START, END, USER, ASSISTANT, IMAGE = "<pad>", "<s>", "</s>", "<user>", "<assistant>", "<image>"

CHAT_TEMPLATE = (
    "<s>{% for message in messages %}"
    "{{ '<assistant>' if message['role'] == 'assistant' else '<user>' }}"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{{ '<image>' if part['type'] in ('image', 'image_url') else part['text'] }}"
    "{% endfor %}{% endif %}"
    "{{ '</s>' if message['role'] == 'assistant' else '' }}"
    "{% endfor %}{{ '<assistant>' if add_generation_prompt else '' }}"
)
"""The chat format in Jinja, as `apply_chat_template` reads it."""


def build_tokenizer(context: int = 1024) -> PreTrainedTokenizerFast:
    """Learn the merges and build the tokenizer.

    Args:
        context: Most tokens of a prompt.
    """
    plain = sorted({word for word in words() if word.isalpha()} | set(PLAIN_WORDS))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=100_000,  # more than there are merges: stops when every word is one token
        min_frequency=1,
        special_tokens=[PAD, START, END, USER, ASSISTANT, IMAGE],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(plain, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=START,
        eos_token=END,
        extra_special_tokens={"image_token": IMAGE, "user_token": USER, "reply_token": ASSISTANT},
        padding_side="left",
        model_max_length=context,
        clean_up_tokenization_spaces=False,
    )
