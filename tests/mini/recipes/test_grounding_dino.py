"""The detector recipe: vocabulary, phrase-to-token map, assignment, learning; shipped weights."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import BertTokenizer, GroundingDinoForObjectDetection, GroundingDinoProcessor

from openseg.mini.measures.detector import detector_scores
from openseg.mini.recipes.grounding_dino.batch import make_batch, token_map
from openseg.mini.recipes.grounding_dino.loss import Grid, assign_queries, assign_tokens, iou
from openseg.mini.recipes.grounding_dino.model import IMAGE_SIZE, build_model, build_processor
from openseg.mini.recipes.grounding_dino.prompts import phrase_prompt, sentence_prompt
from openseg.mini.recipes.grounding_dino.text import PhraseEncoder, build_tokenizer, vocabulary
from openseg.mini.recipes.grounding_dino.train import batch_loss
from openseg.mini.recipes.regions import YES
from openseg.mini.recipes.training import Plan, Trainer
from openseg.mini.rooms.sentences.saying.vocabulary import words
from openseg.models.store import ModelStore

WEIGHTS = Path(__file__).parents[3] / "openseg/mini/weights/grounding-dino"
SAMPLE = WEIGHTS.parents[1] / "samples/room.jpg"


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    return build_tokenizer()


def test_tokenizer_puts_the_phrase_marks_where_the_architecture_looks(tokenizer):
    ids = tokenizer("red cup. blue chair?")["input_ids"]
    assert [ids[0], ids[3], ids[6], ids[7]] == [101, 1012, 1029, 102]


def test_words_of_the_shipped_weights_keep_their_ids():
    shipped = json.loads((WEIGHTS / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    ours = vocabulary()
    assert all(ours[w] == k for w, k in shipped.items() if not w.startswith("[unused"))


def test_every_word_of_the_sentences_is_known_and_any_text_can_be_spelled(tokenizer):
    unknown = tokenizer.unk_token_id
    assert all(unknown not in tokenizer(word)["input_ids"] for word in words())
    assert all(len(tokenizer(word)["input_ids"]) == 3 for word in words() if word.isalpha())
    assert unknown not in tokenizer("Zyzzyva-42 (über) #7")["input_ids"]


def test_prompt_encoding_equals_the_tokenizer_on_the_joined_text(tokenizer):
    ids, owners = PhraseEncoder(tokenizer)(["red cup", "the cup's handle", "quokka"])
    assert ids == tokenizer("red cup. the cup's handle. quokka.")["input_ids"]
    assert owners[:9] == [-1, 0, 0, -1, 1, 1, 1, 1, 1]


def test_token_map_marks_all_tokens_of_each_phrase_that_names_the_region(tokenizer):
    _, owners = PhraseEncoder(tokenizer)(["red cup", "the cup", "blue cup", "red thing"])
    truth = torch.tensor([[1, 1, 0, 1], [0, 1, 1, 0]]).bool()
    #        [CLS] red cup  .  the cup  .  blue cup  .  red thing  .  [SEP]
    assert token_map(truth, owners).int().tolist() == [
        [0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0],
    ]


def test_prompts_name_things_and_parts_and_also_what_is_not_there(stills):
    rng = np.random.default_rng(0)
    shown = [[seen.thing.id for seen in still.things] for still in stills]
    prompts = [
        phrase_prompt(still, ids, rng) for still, ids in zip(stills * 20, shown * 20, strict=True)
    ]
    for prompt in prompts:
        assert prompt.truth.shape == (len(prompt.regions), len(prompt.texts))
    named = np.concatenate([(one.truth == YES).any(axis=0) for one in prompts])
    assert 0.35 < named.mean() < 0.75
    parts = [one.truth[k] == YES for one in prompts for k, r in enumerate(one.regions) if r.part]
    assert sum(row.any() for row in parts) > 20


def test_prompts_of_sentences_name_exactly_their_targets(stills):
    rng = np.random.default_rng(0)
    prompts = [sentence_prompt(still, rng) for still in stills * 5]
    assert all(prompt is not None for prompt in prompts)
    assert any(" of " in text or " on " in text for p in prompts for text in p.texts)
    assert all((prompt.truth == YES).sum(axis=0).max() >= 0 for prompt in prompts)


def test_batch_boxes_follow_the_pixels_through_crop_and_mirror(stills, tokenizer):
    still = stills[0]
    big = max(still.things, key=lambda seen: seen.pixels)
    x0, y0, x1, y1 = (int(edge) for edge in big.box)
    painted = np.zeros((256, 256, 3), np.uint8)
    painted[y0:y1, x0:x1] = 255
    shown = type(still)(painted, still.ids, still.parts, still.record)
    encode = PhraseEncoder(tokenizer)
    row = next(k for k, seen in enumerate(still.things) if seen is big)
    for seed in range(20):
        batch = make_batch([shown], encode, np.random.default_rng(seed))
        white = batch.pixel_values[0, 0] > 1.0
        rows, columns = torch.nonzero(white, as_tuple=True)
        height, width = white.shape
        seen = torch.tensor([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        seen = seen / torch.tensor([width, height, width, height])
        assert iou(seen, batch.boxes[0, row]) > 0.9


def test_dense_assignment_serves_every_region_that_is_there(stills, tokenizer):
    batch = make_batch(stills, PhraseEncoder(tokenizer), np.random.default_rng(3))
    height, width = batch.pixel_values.shape[-2:]
    owner, _ = assign_tokens(Grid.of(height, width), batch)
    for k in range(len(stills)):
        served = set(owner[k].tolist()) - {-1}
        there = set(torch.nonzero(batch.present[k])[:, 0].tolist())
        assert served <= there
        assert len(there - served) <= 1  # two of one place share their tokens
    right, _ = assign_queries(batch.boxes, batch)
    owned = batch.boxes.gather(1, right.clamp(min=0)[..., None].expand(-1, -1, 4))
    assert (iou(batch.boxes, owned)[batch.present] > 0.99).all()
    assert (right >= 0).sum() >= batch.present.sum()


def test_steps_on_one_batch_reduce_the_loss(tmp_path, stills, tokenizer):
    model = build_model(len(tokenizer))
    batch = make_batch(stills[:2], PhraseEncoder(tokenizer), np.random.default_rng(0))
    trainer = Trainer(model, Plan(60, learning_rate=1e-3, warmup=10), tmp_path)
    losses = [
        sum(trainer.train_step(lambda _: batch_loss(model, batch)).values()) for _ in range(20)
    ]
    assert losses[-1] < 0.8 * losses[0]


def test_the_processor_resizes_as_training_does(tokenizer):
    processor = build_processor(tokenizer)
    pixels = processor(images=np.zeros((300, 400, 3), np.uint8), text="red cup.")["pixel_values"]
    assert np.asarray(pixels[0]).shape == (3, IMAGE_SIZE, round(IMAGE_SIZE * 4 / 3 - 0.5))


@pytest.fixture(scope="module")
def shipped():
    model, report = GroundingDinoForObjectDetection.from_pretrained(
        WEIGHTS, output_loading_info=True
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    return model.eval(), GroundingDinoProcessor.from_pretrained(WEIGHTS)


def test_shipped_weights_find_the_objects_of_held_out_scenes(held_out_stills):
    score = detector_scores(ModelStore().load("grounding-dino"), held_out_stills)["recall"]
    assert score.count > 20
    assert score.value >= 0.75


def test_shipped_processor_finds_by_the_library_s_own_post_processing(shipped, held_out_stills):
    model, processor = shipped
    still = held_out_stills[0]
    seen = max(still.things, key=lambda one: one.pixels)
    phrase = f"{seen.thing.colour} {seen.thing.category}"
    inputs = processor(images=still.image, text=f"{phrase}.", return_tensors="pt")
    with torch.no_grad():
        outputs = model(**inputs)
    found = processor.post_process_grounded_object_detection(
        outputs, threshold=0.3, text_threshold=0.25, target_sizes=[still.image.shape[:2]]
    )[0]
    best = found["scores"].argmax()
    assert found["text_labels"][best] == phrase
    assert iou(found["boxes"][best], torch.tensor(seen.box)) > 0.5


def test_shipped_weights_find_the_ball_of_the_sample_image(shipped):
    model, processor = shipped
    image = Image.open(SAMPLE).convert("RGB")
    inputs = processor(images=image, text="the purple ball.", return_tensors="pt")
    with torch.no_grad():
        outputs = model(**inputs)
    found = processor.post_process_grounded_object_detection(
        outputs, threshold=0.25, target_sizes=[(image.height, image.width)]
    )[0]
    by_eye = torch.tensor([422.0, 222.0, 530.0, 330.0])
    assert iou(found["boxes"][found["scores"].argmax()], by_eye) > 0.5


def test_shipped_folder_is_small():
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) < 16e6
