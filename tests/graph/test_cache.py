"""The disk cache: what it spares, what it survives."""

from __future__ import annotations

import hashlib
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from openseg.graph import cache as cache_module
from openseg.graph.cache import Cache, CacheError
from openseg.graph.events import CacheFault, Timings
from openseg.graph.executor import execute, execute_many
from openseg.types import Boxes, Masks, Scores
from tests.graph.tiny import Provider, find_and_paint, pictures, same

KINDS = {"boxes": Boxes, "masks": Masks}
ADDRESS = "ab" + "0" * 62


def values(seed: int = 0) -> dict[str, object]:
    random = torch.Generator().manual_seed(seed)
    return {
        "boxes": Boxes(torch.rand(3, 4, generator=random)),
        "masks": Masks(torch.rand(3, 30, 40, generator=random) < 0.5),
    }


def entries(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))


def run(folder: Path, count: int = 6, **settings):
    """A run on a cache: outcomes, the models it used, its events."""
    models, events = settings.pop("models", Provider()), []
    outcomes = list(
        execute(
            find_and_paint(),
            pictures(count),
            models,
            cache=Cache(folder),
            listeners=[events.append],
            **settings,
        )
    )
    return outcomes, models, events


def faults(events) -> list[CacheFault]:
    return [event for event in events if isinstance(event, CacheFault)]


def test_what_is_put_is_got_by_any_cache_on_the_folder(tmp_path):
    Cache(tmp_path).put(ADDRESS, values())
    assert same(Cache(tmp_path).get(ADDRESS, KINDS), values())
    assert Cache(tmp_path).get("cd" + ADDRESS[2:], KINDS) is None
    assert Cache(tmp_path / "none").get(ADDRESS, KINDS) is None


def test_slices_of_any_layout_are_kept(tmp_path):
    column = torch.tensor([[0.5, 1.5]])[:, 1]  # one element, but a stride of two
    turned = torch.rand(2, 3).T[:, 0]
    for number, values in enumerate([column, turned]):
        Cache(tmp_path).put(f"a{number}", {"scores": Scores(values)})
        kept = Cache(tmp_path).get(f"a{number}", {"scores": Scores})
        assert torch.equal(kept["scores"].values, values)


def test_an_entry_is_a_plain_safetensors_file(tmp_path):
    Cache(tmp_path).put(ADDRESS, values())
    with safe_open(entries(tmp_path)[0], "pt") as file:
        assert torch.equal(file.get_tensor("boxes:xyxy"), values()["boxes"].xyxy)


def test_every_flipped_byte_is_found(tmp_path):
    Cache(tmp_path).put(ADDRESS, {"scores": Scores(torch.rand(3))})
    (path,) = entries(tmp_path)
    content = path.read_bytes()
    kinds = {"scores": Scores}
    original = Cache(tmp_path).get(ADDRESS, kinds)
    dropped = 0
    for i in range(len(content)):
        path.write_bytes(content[:i] + bytes([content[i] ^ 0x10]) + content[i + 1 :])
        try:
            # A flip in the header's padding or in an unused name may leave the content intact.
            assert same(Cache(tmp_path).get(ADDRESS, kinds), original)
        except CacheError:
            dropped += 1
            assert not path.exists()
    assert dropped > 0.95 * len(content)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 100, -1])
def test_truncated_entries_are_dropped(tmp_path, size):
    Cache(tmp_path).put(ADDRESS, values())
    (path,) = entries(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(CacheError, match="entry dropped"):
        Cache(tmp_path).get(ADDRESS, KINDS)
    assert Cache(tmp_path).get(ADDRESS, KINDS) is None


def test_entries_of_another_format_are_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "FORMAT", 0)
    Cache(tmp_path).put(ADDRESS, values())
    monkeypatch.undo()
    with pytest.raises(CacheError, match="format 0, this version reads 1"):
        Cache(tmp_path).get(ADDRESS, KINDS)
    assert entries(tmp_path) == []


def test_an_entry_under_anothers_name_is_not_believed(tmp_path):
    Cache(tmp_path).put(ADDRESS, values())
    (path,) = entries(tmp_path)
    other = ADDRESS[:-1] + "1"
    path.rename(path.with_name(f"{other}.safetensors"))
    with pytest.raises(CacheError, match="checksum"):
        Cache(tmp_path).get(other, KINDS)


def test_the_least_recently_used_entries_go_first(tmp_path):
    def address(i: int) -> str:
        return hashlib.sha256(str(i).encode()).hexdigest()

    def put(cache: Cache, i: int) -> None:
        cache.put(address(i), {"scores": Scores(torch.full((1000,), float(i)))})

    put(Cache(tmp_path), 0)
    size = entries(tmp_path)[0].stat().st_size
    cache = Cache(tmp_path, max_bytes=10 * size)
    for i in range(1, 9):
        put(cache, i)
    assert cache.get(address(0), {"scores": Scores}) is not None  # the oldest, but just used
    for i in range(9, 14):
        put(cache, i)
        assert sum(path.stat().st_size for path in entries(tmp_path)) <= 10 * size
    alive = [i for i in range(14) if cache.get(address(i), {"scores": Scores}) is not None]
    assert alive[0] == 0
    assert alive[1:] == list(range(14 - len(alive) + 1, 14))
    assert len(alive) >= 8


def test_an_entry_above_the_limit_is_not_kept(tmp_path):
    Cache(tmp_path, max_bytes=100).put(ADDRESS, values())
    assert entries(tmp_path) == []


def test_a_second_run_computes_nothing_and_loads_nothing(tmp_path):
    first, _, _ = run(tmp_path)
    timings, models = Timings(), Provider()
    cached = list(
        execute(find_and_paint(), pictures(6), models, cache=Cache(tmp_path), listeners=[timings])
    )
    for one, other in zip(first, cached, strict=True):
        assert same(one.outputs, other.outputs)
    assert models.loads == {}
    assert {name: (node.computed, node.cached) for name, node in timings.nodes.items()} == {
        "find": (0, 6),
        "paint": (0, 6),
        "weigh": (0, 6),
    }


def test_what_a_cached_value_was_made_from_is_not_read(tmp_path):
    run(tmp_path)
    graph = find_and_paint()
    masks_only = type(graph)(**{**vars(graph), "outputs": {"masks": graph.outputs["masks"]}})
    timings = Timings()
    list(execute(masks_only, pictures(6), Provider(), cache=Cache(tmp_path), listeners=[timings]))
    assert [node.cached for node in timings.nodes.values()] == [0, 6, 0]


def test_changing_the_last_node_keeps_the_rest(tmp_path):
    run(tmp_path)
    models = Provider()
    list(execute(find_and_paint(factor=7.0), pictures(6), models, cache=Cache(tmp_path)))
    assert models.batches == []


def test_other_weights_are_another_address(tmp_path):
    run(tmp_path)
    _, models, _ = run(tmp_path, models=Provider(version="2"))
    assert sum(models.batches) == 6


def test_merged_methods_use_what_single_runs_left(tmp_path):
    run(tmp_path)
    models = Provider()
    variants = [find_and_paint(f"m{i}", factor=i) for i in range(3)]
    list(execute_many(variants, pictures(6), models, cache=Cache(tmp_path)))
    assert models.batches == []


def test_a_corrupt_entry_is_dropped_with_an_event_and_computed_again(tmp_path):
    first, _, _ = run(tmp_path)
    for path in entries(tmp_path):
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(bytes(content))
    again, models, events = run(tmp_path)
    for one, other in zip(first, again, strict=True):
        assert same(one.outputs, other.outputs)
    assert sum(models.batches) == 6
    assert faults(events)
    assert not any(fault.lasting for fault in faults(events))
    assert "entry dropped, it is computed again" in faults(events)[0].message
    _, models, events = run(tmp_path)
    assert (models.batches, faults(events)) == ([], [])


@contextmanager
def no_file_above(size: int):
    """Writing more raises OSError, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_one_warning_and_the_run_goes_on(tmp_path):
    with no_file_above(64):
        outcomes, _, events = run(tmp_path, count=20, window=4)
    assert [outcome.error for outcome in outcomes] == [None] * 20
    (fault,) = faults(events)
    assert fault.lasting
    assert "nothing more is cached in this run" in fault.message
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_made_is_one_warning(tmp_path):
    (tmp_path / "file").write_text("in the way")
    outcomes, _, events = run(tmp_path / "file" / "cache", count=4, window=2)
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert len({fault.message for fault in faults(events) if fault.lasting}) == 1


COMMAND = """
import os, signal, sys
from pathlib import Path
from openseg.graph.cache import Cache
from openseg.graph.executor import execute
from tests.graph.tiny import Provider, find_and_paint, pictures
folder, max_bytes, last = sys.argv[1:]
cache = Cache(Path(folder), max_bytes=int(max_bytes))
for outcome in execute(find_and_paint(), pictures(40), Provider(), window=3, cache=cache):
    assert outcome.error is None, outcome.error
    print(outcome.id, outcome.outputs["masks"].data.sum().item(), flush=True)
    if outcome.id == last:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def start(folder: Path, max_bytes: int = 10**9, last: str = "") -> subprocess.Popen[str]:
    """A run in a process of its own, which kills itself after the sample named `last`."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(folder), str(max_bytes), last],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("max_bytes", [10**9, 20_000])
def test_two_processes_share_a_cache(tmp_path, max_bytes):
    both = [start(tmp_path, max_bytes) for _ in range(2)]
    (one, first_errors), (other, second_errors) = [process.communicate() for process in both]
    assert (first_errors, second_errors) == ("", "")
    assert one == other
    assert len(one.splitlines()) == 40
    assert list(tmp_path.rglob("*.tmp")) == []
    for path in entries(tmp_path):  # whole, every one
        with safe_open(path, "pt"):
            pass


def test_a_killed_run_goes_on_to_the_same_result(tmp_path):
    undisturbed = start(tmp_path / "other")
    killed = start(tmp_path / "cache", last="s16")
    assert len(killed.communicate()[0].splitlines()) == 17
    assert killed.returncode == -signal.SIGKILL
    assert 3 * 15 <= len(entries(tmp_path / "cache")) < 3 * 40
    resumed, errors = start(tmp_path / "cache").communicate()
    assert errors == ""
    assert resumed == undisturbed.communicate()[0]
    assert list(tmp_path.rglob("*.tmp")) == []
    names = [{path.name for path in entries(tmp_path / name)} for name in ("cache", "other")]
    assert names[0] == names[1]


def test_unfinished_files_of_the_dead_are_swept_and_of_the_living_kept(tmp_path):
    code = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'xb'); fcntl.flock(f, fcntl.LOCK_EX);"
        "print(flush=True); time.sleep(60)"
    )
    (tmp_path / "ab").mkdir()
    living, dead = (tmp_path / "ab" / f"{name}.tmp" for name in ("living", "dead"))
    dead.touch()
    with subprocess.Popen([sys.executable, "-c", code, living], stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        Cache(tmp_path).put(ADDRESS, values())
        assert living.exists()
        assert not dead.exists()
        writer.kill()
    time.sleep(0.1)
    Cache(tmp_path).put(ADDRESS, values())
    assert not living.exists()
