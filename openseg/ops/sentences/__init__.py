"""What the words of a parsed phrase mean for regions of a picture.

Submodules are imported when first used, as those of `openseg.ops` are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openseg.ops import submodules_of

if TYPE_CHECKING:
    from openseg.ops.sentences import choice as choice
    from openseg.ops.sentences import content as content
    from openseg.ops.sentences import looks as looks
    from openseg.ops.sentences import places as places

__getattr__ = submodules_of(__name__)
