"""Rows in chunks: what happens when memory runs out."""

from __future__ import annotations

import pytest
import torch

from openseg.models.adapters.chunks import images_per_call, in_chunks


@pytest.mark.parametrize("fits", [1, 2, 3, 5, 100])
def test_a_chunk_that_does_not_fit_is_halved_and_every_row_runs_once(fits):
    tried, done = [], []

    def run(rows: slice) -> int:
        size = rows.stop - rows.start
        tried.append(size)
        if size > fits:
            raise torch.OutOfMemoryError
        done.extend(range(rows.start, rows.stop))
        return size

    sizes = in_chunks(23, 8, run)
    assert done == list(range(23))
    assert sum(sizes) == 23
    assert max(sizes) <= fits
    # Once halved, the size stays: no later chunk is tried at a size that failed.
    failed = [size for size in tried if size > fits]
    assert failed == sorted(set(failed), reverse=True)


def test_a_single_row_that_does_not_fit_is_an_error():
    def run(rows: slice) -> None:
        raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        in_chunks(3, 2, run)


def test_no_rows_run_nothing():
    assert in_chunks(0, 8, lambda rows: rows) == []


def test_on_a_cpu_an_encoder_takes_no_more_images_than_keep_it_busy():
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert images_per_call(4, (1024, 1024), cpu) == 1
    assert images_per_call(4, (3000, 2000), cpu) == 1
    assert images_per_call(4, (512, 512), cpu) == 4
    assert images_per_call(8, (256, 512), cpu) == 8
    assert images_per_call(4, (3000, 2000), gpu) == 4
