"""Each measure gives full marks to one who knows the truth and chance to one who does not."""

import numpy as np
import pytest
import torch

from openseg.mini.family import EXAMS, Result
from openseg.mini.measures.detector import detector_scores
from openseg.mini.measures.encoder import encoder_scores
from openseg.mini.measures.retrieval import retrieval_scores
from openseg.mini.measures.score import Score, area_under_curve, image_of
from openseg.mini.measures.segmenter import segmenter_scores
from openseg.mini.recipes.stills import Stills
from openseg.models.protocols import ImageFeatures, MaskLogits, TextDetections
from openseg.models.store import ModelStore


def test_area_under_curve_of_hand_counted_pairs():
    # 0.9 beats both, 0.4 beats one and ties one: (2 + 1.5) / 4.
    assert area_under_curve([0.9, 0.4], [0.4, 0.1]) == Score(pytest.approx(0.875), 4)


class KnowsColours:
    """A detector that boxes the things whose colour a phrase names."""

    def __init__(self, stills, wrong=0.0):
        self._known = {image_of(still).digest: still for still in stills}
        self._wrong = wrong

    def detect(self, images, phrases, min_score):
        found = []
        for image, texts in zip(images, phrases, strict=True):
            things = self._known[image.digest].things
            boxes = torch.tensor([seen.box for seen in things]) + self._wrong
            scores = [[self._fit(seen.thing, text) for text in texts] for seen in things]
            found.append(TextDetections(boxes, torch.tensor(scores)))
        return found

    @staticmethod
    def _fit(thing, text):
        words = text.split()
        return 0.5 * (thing.colour in words) + 0.5 * (thing.category in text)


def test_a_detector_that_knows_pairs_finds_them_and_one_that_points_aside_does_not(stills):
    good = detector_scores(KnowsColours(stills), stills)
    assert good["recall of pairs"].value == 1.0
    assert good["recall of pairs"].count >= 15
    assert good["recall"].count > good["recall of pairs"].count
    assert good["auc"].value > 0.7
    assert detector_scores(KnowsColours(stills, wrong=300.0), stills)["recall"].value == 0.0


class KnowsMasks:
    """A segmenter that answers with the mask whose box or point it is given."""

    def __init__(self, stills):
        self._known = {image_of(still).digest: still for still in stills}

    def segment(self, images, prompts, candidates):
        found = []
        for image, prompt in zip(images, prompts, strict=True):
            still = self._known[image.digest]
            masks = []
            if prompt.boxes is not None:
                every = [still.mask(s) for s in still.things]
                every += [still.mask(s, p) for s in still.things for p in s.parts]
                boxes = {tuple(_box(mask)): mask for mask in reversed(every)}
                masks = [[boxes[tuple(box)]] for box in prompt.boxes.tolist()]
            else:
                for x, y in prompt.points[:, 0].long().tolist():
                    thing = still.ids == still.ids[y, x]
                    part = thing & (still.parts == still.parts[y, x])
                    masks.append([thing, part, thing])
            logits = 8.0 * torch.from_numpy(np.array(masks)).float() - 4.0
            found.append(MaskLogits(logits, torch.ones(logits.shape[:2])))
        return found

    def pixels(self, logits, size):
        return logits


def _box(mask):
    y, x = np.nonzero(mask)
    return [x.min(), y.min(), x.max() + 1, y.max() + 1]


def test_a_segmenter_that_knows_the_masks_gets_full_marks(stills):
    stills = stills[:2]
    scores = segmenter_scores(KnowsMasks(stills), stills)
    assert scores["box"].value == 1.0
    assert scores["point"].value == 1.0
    assert scores["part point"].value == 1.0
    assert 0.6 < scores["automatic"].value <= 1.0
    assert scores["box"].count == sum(len(still.things) for still in stills)


def test_an_encoder_that_knows_nothing_is_right_by_chance(stills):
    class KnowsNothing:
        mean_pixel = (0, 0, 0)

        def encode_images(self, images):
            return torch.nn.functional.normalize(torch.randn(len(images), 8), dim=-1)

        def encode_texts(self, texts):
            assert len(texts) == len(set(texts)) == 20
            return torch.nn.functional.normalize(torch.randn(len(texts), 8), dim=-1)

        def encode(self, images):
            return [ImageFeatures(torch.randn(8), torch.randn(8, 4, 4)) for _ in images]

    torch.manual_seed(0)
    scores = encoder_scores(KnowsNothing(), stills * 4)
    assert scores["right of 20"].value == pytest.approx(1 / 20, abs=0.07)
    assert scores["right of 20, patches"].value == pytest.approx(1 / 20, abs=0.07)
    assert scores["right of 20, parts"].count > 50


def test_a_thing_is_retrieved_by_its_look_and_not_by_noise(rooms, monkeypatch):
    class Encoder:
        def __init__(self, knows):
            self._knows = knows

        def encode(self, images):
            names = [image.name for image in images]
            seeds = [hash(n.rsplit("-", 1)[0] if self._knows else n) % 2**32 for n in names]
            rows = [np.random.default_rng(seed).normal(size=64) for seed in seeds]
            return [ImageFeatures(torch.tensor(r), torch.zeros(64, 1, 1)) for r in rows]

    monkeypatch.setattr("openseg.mini.measures.retrieval.CHOICES", 4)
    views = Stills(rooms / "walks", "train")
    good = retrieval_scores(Encoder(knows=True), views)["top 1 of 30"]
    assert good.value == 1.0
    assert good.count >= 4
    assert retrieval_scores(Encoder(knows=False), views)["top 1 of 30"].value < 0.9


def test_every_exam_names_a_family_of_the_catalogue():
    assert {exam.family for exam in EXAMS.values()} <= set(ModelStore().names())
    assert all(seen >= unseen for e in EXAMS.values() for seen, unseen in e.floors.values())


def test_a_result_says_whether_its_floor_holds():
    assert Result("sam", "test_seen", "box", Score(0.9, 3), 0.88).holds
    below = Result("sam", "test_seen", "box", Score(0.8, 3), 0.88)
    assert below.as_dict() == {"value": 0.8, "n": 3, "floor": 0.88, "holds": False}
    assert (
        Result("sam", "test_seen", "box", Score(float("nan"), 0), None).as_dict()["value"] is None
    )
