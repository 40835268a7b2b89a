"""What a hostile pickle may try: nothing runs, little memory is taken, and the answer is ours."""

import os
import pickle
import resource
import struct

import pytest

from openseg.types.errors import InputError
from openseg_evals.plain_pickle import read_plain_pickle


class Runs:
    def __init__(self, step):
        self.step = step

    def __reduce__(self):
        return self.step


def doubling(levels):
    """A list that holds one list nine times, which holds another nine times, and so on."""
    found = ["x"]
    for _ in range(levels):
        found = [found] * 9
    return pickle.dumps([{"split": found}], 2)


def itself():
    found = []
    found.append(found)
    return pickle.dumps(found, 2)


ATTACKS = {
    "a function": pickle.dumps([Runs((os.system, ("touch pwned",)))], 2),
    "a function, newest way": pickle.dumps([Runs((os.system, ("touch pwned",)))], 5),
    "a function, oldest way": b"cos\nsystem\n(S'touch pwned'\ntR.",
    "an instance": b"(S'touch pwned'\nios\nsystem\n.",
    "an object": b"(cos\nsystem\nS'touch pwned'\no.",
    "a name put together": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0btouch pwned\x85R.",
    "an attribute of a builtin": b'c__builtin__\neval\n(S\'open("pwned", "w")\'\ntR.',
    "a registered extension": b"\x80\x02\x82\x01.",
    "a state": b"\x80\x02}\x8c\x01a}b.",
    "an outside object": b"Pfile\n.",
    "a buffer": b"\x80\x05\x97.",
    "a huge text": b"\x80\x04\x8d" + struct.pack("<Q", 1 << 40) + b"x.",
    "huge bytes": b"\x80\x05\x96" + struct.pack("<Q", 1 << 36) + b".",
    "a number of many digits": b"I" + b"9" * 100_000 + b"\n.",
    "tuples nested into a key": b"\x80\x02}K\x01" + b"\x85" * 1_000_000 + b"K\x01s.",
    "lists nested deep": b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
    "lists that double": doubling(12),
    "a list in itself": itself(),
    "nothing": b"",
    "no end": b"\x80\x02]",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_pickle_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=r"refs\.p: (the pickle|is not a whole pickle)"):
        read_plain_pickle(ATTACKS[name], "refs.p")
    assert not list(tmp_path.iterdir())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize(
    "claim", [b"\x80\x02]r\xff\xff\xff\x7f.", b"\x80\x04\x95" + struct.pack("<Q", 1 << 40) + b"]."]
)
def test_a_far_memo_and_a_huge_frame_take_no_room(claim):
    """The unpickler written in C makes room for two thousand million entries of the memo."""
    assert read_plain_pickle(claim, "refs.p") == []
