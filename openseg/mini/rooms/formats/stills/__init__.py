"""Stills as pictures with masks and sentences: COCO, RefCOCO, gRefCOCO."""
