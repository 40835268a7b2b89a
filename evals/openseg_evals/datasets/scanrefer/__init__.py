"""ScanRefer: one object of a scan for a sentence (Chen et al., ECCV 2020, arXiv:1912.08830)."""

from openseg_evals.datasets.scanrefer.load import OPTIONS, load

__all__ = ["OPTIONS", "load"]
