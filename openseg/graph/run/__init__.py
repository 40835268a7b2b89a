"""The parts of a run: merged plan, reading ahead, one window's work, batches, meters."""
