"""Renders the training stills of the mini models: `python -m openseg.mini.rooms --out DIR`."""

import argparse
import logging
from pathlib import Path

from openseg.mini.rooms.shards import shard_jobs, write_shards


def main() -> None:
    """Writes the test, validation and training shards, in this order."""
    parser = argparse.ArgumentParser(prog="python -m openseg.mini.rooms", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the splits' folders")
    parser.add_argument("--train", type=int, default=14000, help="training stills")
    parser.add_argument("--held-back", type=int, default=300, help="stills of each other split")
    parser.add_argument("--processes", type=int, default=2, help="processes, one core each")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    jobs = [
        job
        for split in ("test_seen", "test_unseen", "val")
        for job in shard_jobs(split, given.held_back, given.out)
    ]
    write_shards(jobs + shard_jobs("train", given.train, given.out), given.processes)


if __name__ == "__main__":
    main()
