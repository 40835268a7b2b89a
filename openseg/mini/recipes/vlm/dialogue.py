"""What the language model is trained on: pictures, and questions about them with their answers.

All questions of a dialogue are about the same pictures and are asked independently, as if each were
the only one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""uint8 `[h, w, 3]`, RGB, of any size."""


@dataclass(frozen=True)
class Question:
    """One question with its only right answer.

    Attributes:
        text: What the user says.
        answer: What the model shall say.
        kind: What is asked for, e.g. `"colour"`; scores are given by kind.
        held_out: Whether it says, or is about, something that training must not see.
    """

    text: str
    answer: str
    kind: str
    held_out: bool = False


@dataclass(frozen=True)
class Dialogue:
    """Pictures in the order the prompt shows them, and what is asked about them."""

    pictures: tuple[Picture, ...]
    questions: tuple[Question, ...]
