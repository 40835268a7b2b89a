"""The tasks a benchmark can name."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from openseg.types.errors import UserError
from openseg_evals.tasks.task import Task

TASKS = {
    "generalized_referring": "openseg_evals.tasks.referring:open_generalized",
    "grounded_conversation": "openseg_evals.tasks.grounded_conversation:open_predictions",
    "instances": "openseg_evals.tasks.instances:open_predictions",
    "panoptic": "openseg_evals.tasks.panoptic:open_predictions",
    "referring": "openseg_evals.tasks.referring:open_predictions",
    "scene_instances": "openseg_evals.tasks.scenes:open_instances",
    "scene_referring": "openseg_evals.tasks.scene_referring:open_predictions",
    "scene_semantics": "openseg_evals.tasks.scenes:open_labels",
    "semantic": "openseg_evals.tasks.semantic:open_predictions",
}
"""Name to `module:function`; nothing is imported before it is used."""

SCENE_TASKS = frozenset({"scene_instances", "scene_referring", "scene_semantics"})
"""Those that ask about scenes."""


def find_task(name: str) -> Task:
    """The task of a name.

    Raises:
        UserError: If there is none.
    """
    if name not in TASKS:
        raise UserError(f"there is no task {name!r}", fix=f"there are: {', '.join(sorted(TASKS))}")
    module, _, function = TASKS[name].partition(":")
    return cast("Task", getattr(import_module(module), function))
