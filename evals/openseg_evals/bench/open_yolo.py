"""The voting step of Open-YOLO 3D as published, run from a clone of its repository.

Its module imports detectors and viewers that the step does not use; empty modules stand for them.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor

PLACE = "utils/__init__.py"
"""Where the step lies in the repository."""

_UNUSED = {
    "utils.utils_3d": ("Network_3D",),
    "utils.utils_2d": ("Network_2D", "load_yaml"),
    "imageio": (),
    "open3d": (),
    "models": (),
    "models.Mask3D": (),
    "models.Mask3D.mask3d": ("load_mesh_or_pc",),
}


class Published:
    """The step, ready.

    Args:
        file: The module in the clone.
        size: Height and width of the views.
        classes: How many classes there are.
        top: In how many views a mask is looked at.
    """

    def __init__(self, file: Path, size: tuple[int, int], classes: int, top: int) -> None:
        for name, names in _UNUSED.items():
            stand_in = ModuleType(name)
            vars(stand_in).update(dict.fromkeys(names))
            sys.modules.setdefault(name, stand_in)
        spec = spec_from_file_location("open_yolo_published", file)
        if spec is None or spec.loader is None:
            raise ImportError(f"no module: {file}")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        self._step: Any = module.OpenYolo3D.__new__(module.OpenYolo3D)
        self._step.world2cam = SimpleNamespace(height=size[0], width=size[1])
        self._step.scaling_params = [1, 1]
        self._step.num_classes = classes
        self._step.openyolo3d_config = {"openyolo3d": {"topk": top, "topk_per_image": -1}}

    def __call__(
        self, masks: Tensor, pixels: Tensor, seen: Tensor, boxes: list[Tensor], labels: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Class and score of each mask; arguments as in the case `voting`."""
        found = {
            str(view): {"bbox": given, "labels": names}
            for view, (given, names) in enumerate(zip(boxes, labels, strict=True))
        }
        with patch.object(torch.Tensor, "cuda", lambda tensor: tensor):  # it knows no other device
            _, classes, scores = self._step.label_3d_masks_from_label_maps(
                masks.T, found, pixels, seen, is_gt=False
            )
        return classes, scores.float()
