"""YAML that may come from anyone to plain data: of bounded length, depth and size.

`yaml.safe_load` runs no code, but a short text can still be large: anchors that repeat anchors, or
nesting that breaks Python. Nodes are counted, with every anchor followed, before values are made.
"""

from __future__ import annotations

from typing import Any

import yaml

MAX_CHARACTERS = 200_000
MAX_VALUES = 10_000
MAX_DEPTH = 20


def read_yaml(text: str | bytes) -> Any:
    """Reads one YAML document.

    Args:
        text: The document; bytes are UTF-8, or UTF-16 with its mark.

    Returns:
        Dicts, lists and scalars; None if it is empty.

    Raises:
        yaml.YAMLError: If it is not YAML, holds more than plain data, or is beyond a limit.
    """
    if len(text) > MAX_CHARACTERS:
        raise yaml.YAMLError(f"longer than {MAX_CHARACTERS:,} characters")
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _measure(node)
        return loader.construct_document(node)
    except yaml.YAMLError:
        raise
    except RecursionError:
        raise yaml.YAMLError(f"nested more than {MAX_DEPTH} levels deep") from None
    except Exception as error:  # a date of the 40th, a tag that does not fit its text
        raise yaml.YAMLError(f"a value cannot be read: {error}") from error
    finally:
        loader.dispose()


def _measure(node: yaml.Node) -> None:
    waiting, values = [(node, 0)], 0
    while waiting:
        one, depth = waiting.pop()
        values += 1
        if values > MAX_VALUES or depth > MAX_DEPTH:
            limits = f"{MAX_VALUES:,} values, {MAX_DEPTH} levels deep"
            raise yaml.YAMLError(f"more than {limits}, once anchors are expanded")
        if isinstance(one, yaml.MappingNode):
            waiting += [(part, depth + 1) for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            waiting += [(part, depth + 1) for part in one.value]
