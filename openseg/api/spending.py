"""What language models cost a run: counted by their adapters, summed over all calls of the run."""

from __future__ import annotations

from collections.abc import Mapping

Report = Mapping[str, float | str]
"""Counts and cost by name, as `openseg.models.protocols.MeteredModel` reports them."""


def since(now: Mapping[str, Report], before: Mapping[str, Report]) -> dict[str, Report]:
    """What was spent between two reports of the same models; families that spent nothing are out.

    Args:
        now: Reports by family.
        before: Earlier ones; a family that was not loaded then is missing.
    """
    spent = {family: _sum(report, before.get(family, {}), -1) for family, report in now.items()}
    return {family: report for family, report in spent.items() if _counts(report)}


def together(first: Mapping[str, Report], second: Mapping[str, Report]) -> dict[str, Report]:
    """The sum of two reports, by family."""
    families = dict.fromkeys((*first, *second))
    return {name: _sum(second.get(name, {}), first.get(name, {}), 1) for name in families}


def line(family: str, report: Report) -> str:
    """A report in one readable line."""
    tokens = f"{report['prompt_tokens']} tokens read, {report['reply_tokens']} written"
    failed = f", {report['failures']} without a reply" if report["failures"] else ""
    cost = f", {report['cost']:.4f} {report['currency']}" if report["cost"] else ""
    return f"{family}: {report['questions']} questions{failed}, {tokens}{cost}"


def _sum(one: Report, other: Report, sign: int) -> Report:
    total: dict[str, float | str] = {}
    for name in dict.fromkeys((*one, *other)):
        value = one.get(name, other.get(name, 0))
        if isinstance(value, str):
            total[name] = value
        else:
            total[name] = _number(one, name) + sign * _number(other, name)
    return total


def _number(report: Report, name: str) -> float:
    value = report.get(name, 0)
    return 0 if isinstance(value, str) else value


def _counts(report: Report) -> bool:
    return any(value for value in report.values() if not isinstance(value, str))
