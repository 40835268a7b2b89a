"""Phrases are spread over prompts whole and in order."""

from hypothesis import given
from hypothesis import strategies as st

from openseg.models.text_chunks import chunk


@given(
    st.integers(1, 30).flatmap(
        lambda most: st.tuples(st.just(most), st.lists(st.integers(1, most), max_size=60))
    )
)
def test_chunks_cover_every_phrase_in_order_within_the_budget(
    case: tuple[int, list[int]],
) -> None:
    budget, lengths = case
    chunks = chunk(lengths, budget)
    assert [index for part in chunks for index in part] == list(range(len(lengths)))
    sizes = [sum(lengths[index] for index in part) for part in chunks]
    assert all(0 < size <= budget for size in sizes)
    for size, part in zip(sizes[:-1], chunks[1:], strict=True):
        assert size + lengths[part.start] > budget  # no chunk is left half empty
