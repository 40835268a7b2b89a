"""Speed and memory as ratios: openseg and its peer side by side, in one run, on one machine."""
