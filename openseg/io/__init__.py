"""What openseg reads and writes, one file a format.

Images and the words for them come in; overlays, COCO and LabelMe files and JSON lines go out. Every
file appears whole or not at all, and every fault names the path and what to do about it.
"""
