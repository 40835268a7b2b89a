"""An image is encoded once while it is remembered."""

import torch
from torch import Tensor

from openseg.models.image_memo import ImageMemo
from openseg.types import Image
from tests.models.detector_checkpoints import picture

A, B, C = (picture(4, 4, seed) for seed in range(3))


def encoder(seen: list[str]):
    def encode(images: list[Image]) -> list[Tensor]:
        seen.extend(image.digest for image in images)
        return [image.pixels[:1].float() for image in images]  # 64 bytes each

    return encode


def test_equal_images_are_encoded_once_and_found_in_order() -> None:
    seen: list[str] = []
    memo: ImageMemo[Tensor] = ImageMemo()
    first = memo.features([A, B, A], encoder(seen))
    again = memo.features([B, A], encoder(seen))
    assert seen == [A.digest, B.digest]
    assert [x is y for x, y in zip(again, [first[1], first[0]], strict=True)] == [True, True]
    assert torch.equal(first[2], A.pixels[:1].float())


def test_the_least_recently_used_is_forgotten_first() -> None:
    seen: list[str] = []
    memo: ImageMemo[Tensor] = ImageMemo(max_bytes=128)
    memo.features([A, B], encoder(seen))
    memo.features([A], encoder(seen))
    memo.features([C], encoder(seen))  # forgets B
    memo.features([A, C], encoder(seen))
    assert seen == [A.digest, B.digest, C.digest]
    memo.features([B], encoder(seen))
    assert seen[-1] == B.digest


def test_more_images_than_fit_are_still_all_given_out() -> None:
    memo: ImageMemo[Tensor] = ImageMemo(max_bytes=64)
    assert len(memo.features([A, B, C], encoder([]))) == 3
