"""Pydantic's findings as a user reads them: the line of the key, one sentence, one hint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pydantic_core import ErrorDetails

from openseg.graph.method.marks import Marked
from openseg.graph.method.problem import Problem, closest, did_you_mean

Keys = tuple[str | int, ...]
"""Keys and indices from the root of the method to a value."""

_EXPECTED: dict[str, Callable[[dict[str, Any]], str]] = {
    "string_type": lambda _: "text",
    "bool_type": lambda _: "true or false",
    "int_type": lambda _: "a whole number",
    "int_from_float": lambda _: "a whole number",
    "float_type": lambda _: "a number",
    "finite_number": lambda _: "a finite number",
    "list_type": lambda _: "a list",
    "tuple_type": lambda _: "a list",
    "dict_type": lambda _: "a mapping",
    "model_type": lambda _: "a mapping",
    "model_attributes_type": lambda _: "a mapping",
    "none_required": lambda _: "null",
    "literal_error": lambda context: str(context["expected"]),
    "enum": lambda context: str(context["expected"]),
    "greater_than": lambda context: f"above {context['gt']:g}",
    "greater_than_equal": lambda context: f"at least {context['ge']:g}",
    "less_than": lambda context: f"below {context['lt']:g}",
    "less_than_equal": lambda context: f"at most {context['le']:g}",
    "multiple_of": lambda context: f"a multiple of {context['multiple_of']:g}",
    "too_short": lambda context: f"at least {context['min_length']} long",
    "too_long": lambda context: f"at most {context['max_length']} long",
    "string_too_short": lambda context: f"at least {context['min_length']} characters long",
    "string_too_long": lambda context: f"at most {context['max_length']} characters long",
}


def explain(
    errors: Iterable[ErrorDetails],
    tree: Marked,
    prefix: Keys = (),
    hints: Mapping[Any, str] = MappingProxyType({}),
) -> list[Problem]:
    """Turns validation errors into problems.

    Args:
        errors: What pydantic found.
        tree: The method that was validated, or part of which was.
        prefix: Keys in the method of the part that was validated.
        hints: A fix for keys within that part, used where nothing better is known.

    Returns:
        One problem for each value at fault, in order; the branches of a union are joined.
    """
    grouped: dict[Keys, list[ErrorDetails]] = {}
    for error in errors:
        path = (*prefix, *error["loc"])
        steps = tree.walk(path)[1]
        grouped.setdefault(path[: steps + (error["type"] == "missing")], []).append(error)
    problems = []
    for path, found in grouped.items():
        hint = next(
            (hints[step] for step in (*path[-1:], *path[len(prefix) :]) if step in hints), ""
        )
        problems.append(_problem(found, path, tree, hint))
    return problems


def label(path: Keys) -> str:
    """How messages name a place in the method: `box_threshold` of node `detect`."""
    if len(path) > 1 and path[0] == "nodes":
        rest = ".".join(str(step) for step in path[2:])
        return f"`{rest}` of node `{path[1]}`" if rest else f"node `{path[1]}`"
    return f"`{'.'.join(str(step) for step in path)}`" if path else "the method"


def shown(value: Any) -> str:
    """A value as messages show it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return f"'{value[:40]}...'" if len(value) > 40 else f"'{value}'"
        case list():
            return "a list"
        case dict():
            return "a mapping"
    return str(value)


def _problem(errors: Sequence[ErrorDetails], path: Keys, tree: Marked, hint: str) -> Problem:
    error, value = errors[0], tree.walk(path)[0]
    where, kind, context = str(value.key), error["type"], error.get("ctx", {})
    if kind == "missing" and isinstance(path[-1], int):
        return Problem(str(value.place), f"{label(path[:-1])} has too few values", hint)
    if kind == "missing":
        return Problem(where, f"{label(path[:-1])} has no `{path[-1]}`", hint)
    if kind == "name":
        return Problem(where, f"`{path[-1]}` is not a valid name", str(context["rule"]))
    if kind == "extra_forbidden":
        known = [str(key) for key in context.get("known", ())]
        return Problem(where, f"unknown key {label(path)}", did_you_mean(str(path[-1]), known))
    if kind in ("value_error", "assertion_error"):
        return Problem(where, f"{label(path)}: {context['error']}", hint)
    given = value.plain()
    expected = list(dict.fromkeys(_expected(error) for error in errors))
    what = f"{label(path)} must be {' or '.join(expected)}, not {shown(given)}"
    if given is None:
        hint = hint or "leave the key out, or give it a value"
    elif isinstance(given, str) and kind == "literal_error":
        match = closest(
            given, str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        )
        hint = f"did you mean `{match}`?" if match else hint
    elif (
        isinstance(given, str)
        and _is_number(given)
        and {"a number", "a whole number"} & set(expected)
    ):
        hint = "remove the quotes"
    return Problem(str(value.place), what, hint)


def _expected(error: ErrorDetails) -> str:
    known = _EXPECTED.get(error["type"])
    if known is not None:
        return known(error.get("ctx", {}))
    message = error["msg"].removeprefix("Input should ").removeprefix("be ")
    return message[:1].lower() + message[1:]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
