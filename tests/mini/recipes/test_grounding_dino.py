"""The detector recipe: phrase-to-token map, assignment, learning, and the shipped weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from transformers import BertTokenizer, GroundingDinoForObjectDetection, GroundingDinoProcessor

from openseg.mini.recipes.data import Scene, SceneObject
from openseg.mini.recipes.detector_text import PhraseEncoder, build_tokenizer, vocabulary
from openseg.mini.recipes.grounding_dino import DetectorLoss, export
from openseg.mini.recipes.grounding_dino_batch import (
    Claim,
    PromptSampler,
    make_batch,
    token_map,
    truth_table,
)
from openseg.mini.recipes.grounding_dino_eval import area_under_curve, evaluate
from openseg.mini.recipes.grounding_dino_loss import Grid, assign_tokens, iou
from openseg.mini.recipes.grounding_dino_model import build_model, build_processor
from openseg.mini.recipes.training import Plan, Trainer
from openseg.mini.world.phrases import words
from openseg.mini.world.vocabulary import SEEN_PAIRS, UNSEEN_PAIRS

WEIGHTS = Path(__file__).parents[3] / "openseg/mini/weights/grounding-dino"
SAMPLE = WEIGHTS.parents[1] / "samples/room.jpg"
COLOURS = {"red": (220, 30, 30), "blue": (30, 60, 220), "green": (30, 160, 60)}


def square_scene(*squares: tuple[str, str, int, int, int]) -> Scene:
    """A grey picture with filled squares, each (colour, category, left, top, side)."""
    image = np.full((256, 256, 3), 128, np.uint8)
    ids = np.zeros((256, 256), np.uint8)
    objects = []
    for number, (colour, category, left, top, side) in enumerate(squares, start=1):
        image[top : top + side, left : left + side] = COLOURS[colour]
        ids[top : top + side, left : left + side] = number
        box = (left, top, left + side, top + side)
        objects.append(SceneObject(number, category, colour, box, 1.0))
    return Scene(image, ids, tuple(objects))


@pytest.fixture(scope="module")
def tokenizer() -> BertTokenizer:
    return build_tokenizer()


def test_tokenizer_puts_the_phrase_marks_where_the_architecture_looks(tokenizer):
    ids = tokenizer("red cup. blue chair?")["input_ids"]
    assert [ids[0], ids[3], ids[6], ids[7]] == [101, 1012, 1029, 102]
    assert max(vocabulary().values()) == 1029


def test_every_word_of_the_world_is_known_and_any_text_can_be_spelled(tokenizer):
    unknown = tokenizer.unk_token_id
    assert all(unknown not in tokenizer(word)["input_ids"] for word in words())
    assert unknown not in tokenizer("Zyzzyva-42 (über) #7")["input_ids"]


def test_prompt_encoding_equals_the_tokenizer_on_the_joined_text(tokenizer):
    ids, owners = PhraseEncoder(tokenizer)(["red cup", "potted plant", "quokka"])
    assert ids == tokenizer("red cup. potted plant. quokka.")["input_ids"]
    assert owners[:7] == [-1, 0, 0, -1, 1, 1, -1]


def test_token_map_marks_all_tokens_of_each_phrase_that_names_the_object(tokenizer):
    claims = [
        Claim("red cup", "red", "cup"),
        Claim("the cup", None, "cup"),
        Claim("blue cup", "blue", "cup"),
        Claim("red thing", "red", None),
    ]
    scene = square_scene(("red", "cup", 10, 10, 40), ("blue", "cup", 90, 90, 40))
    _, owners = PhraseEncoder(tokenizer)([claim.text for claim in claims])
    table = token_map(truth_table(claims, scene.objects), owners)
    #        [CLS] red cup  .  the cup  .  blue cup  .  red thing  .  [SEP]
    assert table.int().tolist() == [
        [0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0],
    ]


def test_prompts_never_name_a_held_out_pair():
    sampler, rng = PromptSampler(SEEN_PAIRS), np.random.default_rng(0)
    scene = square_scene(("red", "cup", 10, 10, 40), ("blue", "box", 90, 90, 40))
    claims = [claim for _ in range(2000) for claim in sampler(scene.objects, 12, rng)]
    absent = {(c.colour, c.category) for c in claims} - {o.pair for o in scene.objects}
    assert not absent & set(UNSEEN_PAIRS)
    assert len(absent) > 100


def test_batch_boxes_follow_the_pixels_through_crop_and_flip(tokenizer):
    scene = square_scene(("red", "box", 100, 60, 70))
    sampler, encode = PromptSampler(SEEN_PAIRS), PhraseEncoder(tokenizer)
    for seed in range(20):
        batch = make_batch([scene], sampler, encode, np.random.default_rng(seed))
        red = batch.pixel_values[0, 0] - batch.pixel_values[0, 2] > 1.0
        rows, columns = torch.nonzero(red, as_tuple=True)
        height, width = red.shape
        seen = torch.tensor([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        seen = seen / torch.tensor([width, height, width, height])
        assert iou(seen, batch.boxes[0, 0]) > 0.9


def test_dense_assignment_serves_every_object_and_prefers_the_smaller(tokenizer):
    scene = square_scene(("red", "table", 20, 20, 200), ("blue", "cup", 108, 108, 24))
    sampler, encode = PromptSampler(SEEN_PAIRS), PhraseEncoder(tokenizer)
    batch = make_batch([scene], sampler, encode, np.random.default_rng(3))
    height, width = batch.pixel_values.shape[-2:]
    grid = Grid.of(height, width)
    owner, _ = assign_tokens(grid, batch)
    served = set(owner.flatten().tolist())
    assert served == {-1, 0, 1}
    x0, y0, x1, y1 = (batch.boxes[0, 1] * torch.tensor([width, height, width, height])).tolist()
    centres = grid.centres[owner[0] == 1]
    assert (centres >= torch.tensor([x0 - 8, y0 - 8])).all()
    assert (centres <= torch.tensor([x1 + 8, y1 + 8])).all()


def test_area_under_curve_of_hand_counted_pairs():
    # 0.9 beats both, 0.4 beats one and ties one: (2 + 1.5) / 4.
    assert area_under_curve([0.9, 0.4], [0.4, 0.1]) == pytest.approx(0.875)


def test_steps_on_one_batch_reduce_the_loss(tmp_path, tokenizer):
    scenes = [
        square_scene(("red", "cup", 20, 30, 80), ("blue", "box", 140, 120, 90)),
        square_scene(("green", "ball", 90, 30, 60), ("red", "chair", 20, 150, 90)),
    ]
    model = build_model(len(tokenizer))
    loss = DetectorLoss(model, PhraseEncoder(tokenizer), scenes, seed=0)
    batch = loss.batch(scenes, 0)
    trainer = Trainer(model, Plan(60, learning_rate=1e-3, warmup=10), tmp_path)
    losses = [sum(trainer.train_step(lambda _: loss.compare(batch)).values()) for _ in range(25)]
    assert losses[-1] < 0.8 * losses[0]


def test_export_stores_half_precision_and_loads_in_single(tmp_path, tokenizer):
    model = build_model(len(tokenizer))
    export(model, build_processor(tokenizer), tmp_path)
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118
    loaded, report = GroundingDinoForObjectDetection.from_pretrained(
        tmp_path, output_loading_info=True
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert loaded.dtype == torch.float32
    first, second = next(model.parameters()), next(loaded.parameters())
    assert torch.allclose(first, second, atol=1e-3)
    processor = GroundingDinoProcessor.from_pretrained(tmp_path)
    pixels = processor(images=np.zeros((300, 400, 3), np.uint8), text="red cup.")["pixel_values"]
    assert np.asarray(pixels[0]).shape == (3, 160, 213)


@pytest.fixture(scope="module")
def shipped():
    model, report = GroundingDinoForObjectDetection.from_pretrained(
        WEIGHTS, output_loading_info=True
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    return model.eval(), GroundingDinoProcessor.from_pretrained(WEIGHTS)


def test_shipped_weights_find_the_objects_of_held_out_scenes(shipped, held_out_scenes):
    scores = evaluate(*shipped, held_out_scenes, SEEN_PAIRS)
    assert scores.phrases > 20
    assert scores.recall >= 0.75
    assert scores.auc >= 0.85


def test_shipped_processor_finds_by_the_library_s_own_post_processing(shipped, held_out_scenes):
    model, processor = shipped
    scene = held_out_scenes[0]
    item = max(scene.objects, key=lambda o: (o.box[2] - o.box[0]) * (o.box[3] - o.box[1]))
    phrase = f"{item.colour} {item.category}"
    inputs = processor(images=scene.image, text=f"{phrase}.", return_tensors="pt")
    with torch.no_grad():
        outputs = model(**inputs)
    found = processor.post_process_grounded_object_detection(
        outputs, threshold=0.3, text_threshold=0.25, target_sizes=[scene.image.shape[:2]]
    )[0]
    best = found["scores"].argmax()
    assert found["text_labels"][best] == phrase
    assert iou(found["boxes"][best], torch.tensor(item.box)) > 0.5


def test_shipped_weights_find_the_red_mug_of_the_sample_image(shipped):
    model, processor = shipped
    image = Image.open(SAMPLE).convert("RGB")
    inputs = processor(images=image, text="the red mug.", return_tensors="pt")
    with torch.no_grad():
        outputs = model(**inputs)
    found = processor.post_process_grounded_object_detection(
        outputs, threshold=0.25, target_sizes=[(image.height, image.width)]
    )[0]
    by_eye = torch.tensor([534.0, 262.0, 621.0, 341.0])
    assert iou(found["boxes"][found["scores"].argmax()], by_eye) > 0.5


def test_shipped_folder_is_small():
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) < 16e6
