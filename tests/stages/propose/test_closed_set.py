"""What `propose.closed_set` makes of a proposer's masks: order, quality, chances, known words."""

from __future__ import annotations

import torch

from openseg.models.tasks.proposals import MaskProposals
from openseg.stages.propose.closed_set import ClosedSet
from tests.models.adapters.pictures import picture
from tests.stages.values import masks_of

MASKS = masks_of((0, 0, 2, 2), (2, 2, 5, 5), (0, 0, 8, 8))


class Given:
    """A proposer whose masks are known."""

    class_names = ("cup", "office chair")

    def __init__(self, classes, sureness):
        self.found = MaskProposals(
            MASKS.data[: len(classes)],
            torch.tensor(classes).reshape(-1, 2),
            torch.tensor(sureness),
        )

    def propose(self, images):
        return [self.found for _ in images]


def run(classes, sureness, **settings):
    out = ClosedSet(ClosedSet.Config(**settings), Given(classes, sureness)).run([picture(8, 10)])
    return out.masks[0].data, out.quality[0].values, out.classes[0].values, out.known[0]


def test_the_best_masks_come_first_and_chances_leave_no_object_out():
    masks, quality, chances, _ = run([[0.2, 0.2], [0.0, 0.9], [0.6, 0.0]], [0.5, 1.0, 0.9])
    torch.testing.assert_close(quality, torch.tensor([0.9, 0.54, 0.2]))
    assert torch.equal(masks, MASKS.data[[1, 2, 0]])
    torch.testing.assert_close(chances, torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]))


def test_poor_masks_are_dropped():
    masks, *_ = run([[0.2, 0.2], [0.0, 0.9], [0.6, 0.0]], [0.5, 1.0, 0.9], min_quality=0.5)
    assert len(masks) == 2


def test_the_known_words_are_one_phrase_a_class():
    *_, known = run([[0.2, 0.2]], [0.5])
    assert [(p.text, p.class_id) for p in known.phrases] == [("cup", 0), ("office chair", 1)]


def test_a_mask_that_is_surely_no_object_and_no_mask_at_all():
    _, quality, chances, _ = run([[0.0, 0.0]], [0.7])
    assert quality.tolist() == [0.0]
    assert chances.isfinite().all()
    masks, _, chances, _ = run([], [])
    assert masks.shape == (0, 8, 10)
    assert chances.shape == (0, 2)
