"""The recipe of mini-dino: pairs of views, losses, learning, and a folder that loads."""

import numpy as np
import pytest
import torch

from openseg.io.images import image_from
from openseg.mini.recipes.dino.loss import batch_loss, contrast, spread
from openseg.mini.recipes.dino.model import Pretraining, build_processor
from openseg.mini.recipes.dino.views import Batches, training_view
from openseg.mini.recipes.shipping import export, loaded
from openseg.mini.recipes.stills import Stills
from openseg.mini.recipes.walks import tracks


@pytest.fixture(scope="module")
def batch(rooms):
    batches = Batches(Stills(rooms, "train"), Stills(rooms / "walks", "train"), seed=0)
    found = batches(0)
    keep = torch.cat([torch.arange(36, 42), torch.arange(100, 106)])
    return type(found)(found.pixels[keep], found.hidden[keep])


def test_tracks_are_things_of_one_room_seen_from_several_places(rooms):
    views = Stills(rooms / "walks", "train")
    found = tracks(views)
    assert len(found) >= 3
    for track in found:
        assert len({index for index, _ in track.views}) == len(track.views) >= 2
        assert len({seen.thing.id for _, seen in track.views}) == 1
        assert all(views[index].record.seed == track.room for index, _ in track.views)


def test_a_view_is_drawn_again_from_its_seed(stills):
    seen = stills[0].things[0]
    one, again = (training_view(stills[0], seen, np.random.default_rng(3)) for _ in range(2))
    assert one.shape == (80, 80, 3)
    assert np.array_equal(one, again)


def test_contrast_is_the_entropy_of_choosing_the_partner():
    key = torch.eye(4)
    partners = key[[2, 3, 0, 1]]
    # Every key is its partner's: the right one has similarity 1, the two others 0, at 1 / 0.1.
    wanted = torch.log(1 + 2 * torch.exp(torch.tensor(-10.0)))
    assert contrast(key, partners) == pytest.approx(float(wanted), rel=1e-3)
    assert contrast(key, key) == pytest.approx(float(torch.log(torch.tensor(3.0))), rel=1e-3)


def test_spread_is_smallest_for_opposite_keys():
    apart = spread(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]))
    assert apart == pytest.approx(-np.log(2.0001), rel=1e-4)
    assert spread(torch.tensor([[1.0, 0.0], [1.0, 0.0]])) > 5


def test_a_few_steps_on_one_batch_lower_the_loss(batch):
    torch.manual_seed(0)
    student, teacher = Pretraining(depth=1), Pretraining(depth=1)
    optimiser = torch.optim.AdamW(student.parameters(), lr=1e-3)
    totals = []
    for _ in range(12):
        teacher.load_state_dict(student.state_dict())
        parts = batch_loss(student, teacher, batch)
        total = sum(parts.values())
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(parts["loss_view"].item())
    assert totals[-1] < 0.7 * totals[0]


def test_the_encoder_alone_ships_and_loads(tmp_path):
    model = Pretraining(depth=2)
    export(model.backbone, build_processor(), tmp_path)
    encoder = loaded("dinov2", tmp_path, "cpu")
    [found] = encoder.encode([image_from(np.zeros((90, 80, 3), np.uint8), "one")])
    assert found.summary.shape == (192,)
    assert found.patches.shape == (192, 11, 10)
    assert (tmp_path / "model.safetensors").stat().st_size < 16e6
