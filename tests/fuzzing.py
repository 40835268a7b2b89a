"""Break files in many ways and see that whoever reads them either works or says what is wrong."""

from __future__ import annotations

import json
import random
import re
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from openseg.types.errors import OpensegError
from tests.soaking import tell

SECONDS = 10.0
"""No file may keep its reader busy for longer; waiting for a crowded machine is not counted."""
KILOBYTES = 2 << 20
"""Nor make the process grow by more than 2 GB."""
FENCE = 3 << 30
"""Address space that reading may take; what is reserved and never used counts here."""

_VALUES = [None, True, "", "x", -1, 0, 1.5, 1e308, 10**9, 10**30]
_VALUES += [[], {}, [[]], [None], "../../etc", "\ud800"]
_TOKENS = b'0 -1 1e999 nan inf 99999999999999999999 null true [] {} "" . / \\ \x00 \xff'.split(b" ")
_NUMBER = re.compile(rb"-?\d+(\.\d+)?")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Bytes with one to three faults: bits, slices, numbers, or values of a JSON document."""
    for _ in range(chance.randint(1, 3)):
        json_like = data[:1] in {b"{", b"["}
        data = (_in_json if json_like and chance.random() < 0.6 else _in_bytes)(data, chance)
    return data


def _in_bytes(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.choice([1, 1, 4, 64, 4096]))
    match chance.randrange(8):
        case 0 if at < len(data):
            return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
        case 1:
            return data[:at] + data[end:]
        case 2:
            return data[:end] + data[at:end] + data[end:]
        case 3:
            return data[:at]
        case 4:
            return data[:at] + chance.randbytes(end - at) + data[end:]
        case 5:
            return data[:at] + chance.choice(_TOKENS) + data[at:]
        case 6:
            return data[at:]
        case _:
            numbers = list(_NUMBER.finditer(data))
            if not numbers:
                return data[:at] + chance.choice(_TOKENS) + data[end:]
            one = chance.choice(numbers)
            return data[: one.start()] + chance.choice(_TOKENS) + data[one.end() :]


def _in_json(data: bytes, chance: random.Random) -> bytes:
    try:
        document = json.loads(data)
    except ValueError:
        return _in_bytes(data, chance)
    here, place = document, None
    above = None
    for _ in range(chance.randint(1, 6)):
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not places:
            break
        above, place = here, chance.choice(places)
        here = above[place]
        if not isinstance(here, dict | list):
            break
    if above is None:
        return json.dumps(chance.choice(_VALUES)).encode()
    match chance.randrange(4):
        case 0:
            del above[place]
        case 1 if isinstance(above, list):
            above.insert(place, here)
        case 2:
            above[place] = [here]
        case _:
            above[place] = chance.choice(_VALUES)
    return json.dumps(document).encode()


def fuzz_files(
    name: str, files: Sequence[Path], read: Callable[[Path], object], tries: int, seed: int = 0
) -> None:
    """Mutates one of several files at a time, reads, and puts the file right again.

    Args:
        name: What is read, for the figures.
        files: The files that are broken in turn.
        read: Reads what it is told, or all of them; it may work, or raise an error of ours that
            says what is wrong.
        tries: How many mutations.
        seed: Seed of all mutations.
    """
    for path in files:
        read(path)
    chance = random.Random(seed)  # noqa: S311
    originals = {path: path.read_bytes() for path in files}
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fence = resource.getrlimit(resource.RLIMIT_AS)
    # What asks for far too much fails here, and does not take other programs with it.
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + FENCE, fence[1]))
    refused = 0
    longest = 0.0
    try:
        for number in range(tries):
            path = chance.choice(files)
            broken = mutated(originals[path], chance)
            path.write_bytes(broken)
            begin = time.process_time()
            try:
                read(path)
            except OpensegError:
                refused += 1
            except Exception as error:
                what = f"{name}, mutation {number} of {path.name}: {broken[:2000]!r}"
                raise AssertionError(what) from error
            finally:
                path.write_bytes(originals[path])
            longest = max(longest, time.process_time() - begin)
            assert longest < SECONDS, f"{name}, mutation {number} of {path.name}: {longest:.1f} s"
    finally:
        resource.setrlimit(resource.RLIMIT_AS, fence)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
    assert grown < KILOBYTES, f"{name}: the process grew by {grown / 1024:.0f} MB"
    tell(name, tried=tries, refused=refused, longest_seconds=longest, grown_mb=grown / 1024)


def _address_space() -> int:
    """Bytes that this process has mapped."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
