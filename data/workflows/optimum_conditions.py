"""Conditions of a best reallocation beyond budget and change: targets, funding sources, least shares. As plain data.

Read from JSON with everything that is wrong at once, written back the same way, and laid over a model's own limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from budget_model.coverage.types import BudgetModel, Constraints, Earmark
from budget_model.errors import Problem
from data.workflows.growth import percent_words

MOST_ROWS = 60
LONGEST_NAME = 80
MOST_DIGITS = 15  # of an amount before its cents


@dataclass(frozen=True)
class Target:
    """Lowest coverage (share) of a need: in one area or over all, of one group or of each."""

    need: str
    share: float
    group: str | None = None
    area: str | None = None


@dataclass(frozen=True)
class Source:
    """A funding source: what it holds a year, and the programmes that it may pay for."""

    name: str
    amount: Decimal
    programmes: tuple[str, ...]


@dataclass(frozen=True)
class LeastShare:
    """The share of all money spent that some programmes get at least, together."""

    programmes: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class Conditions:
    """Targets, sources and a least share; empty where none was asked for."""

    targets: tuple[Target, ...] = ()
    sources: tuple[Source, ...] = ()
    least_share: LeastShare | None = None


def read_conditions(parameters: Mapping[str, Any], problems: list[Problem]) -> Conditions:
    """From `coverages`, `earmarks` and `min_share`; what cannot be read is added to `problems`."""
    sources = [_source(row, problems) for row in _rows(parameters, "earmarks", problems)]
    found = Conditions(
        targets=tuple(_target(row, problems) for row in _rows(parameters, "coverages", problems)),
        sources=tuple(sources),
        least_share=_least_share(parameters.get("min_share"), problems),
    )
    for name in sorted({source.name for source in sources if [s.name for s in sources].count(source.name) > 1}):
        message = f"The source '{name}' stands more than once. Give each source once."
        problems.append(Problem("optimum-source-twice", message, value=name, facts={"source": name}))
    return found


def conditions_document(conditions: Conditions) -> dict[str, Any]:
    """The conditions as plain JSON; `read_conditions` gives them back."""
    least = conditions.least_share
    return {
        "coverages": [
            {"need": one.need, "group": one.group, "area": one.area, "share": one.share} for one in conditions.targets
        ],
        "earmarks": [
            {"source": one.name, "amount": str(one.amount), "programmes": list(one.programmes)}
            for one in conditions.sources
        ],
        "min_share": None if least is None else {"programmes": list(least.programmes), "share": least.share},
    }


def _rows(parameters: Mapping[str, Any], name: str, problems: list[Problem]) -> Sequence[Mapping[str, Any]]:
    given = parameters.get(name) or []
    is_list = isinstance(given, list) and len(given) <= MOST_ROWS and all(isinstance(row, Mapping) for row in given)
    if is_list:
        return list(given)
    problems.append(Problem("optimum-rows", f"'{name}' must be a list of at most {MOST_ROWS} conditions."))
    return []


def _target(row: Mapping[str, Any], problems: list[Problem]) -> Target:
    need = str(row.get("need") or "")
    if not need:
        problems.append(Problem("optimum-target-need", "A target names no need. Choose one, or leave its share empty."))
    share = read_share(row.get("share"), "optimum-target", 1.0, problems)
    if row.get("share") in (None, ""):
        message = "A target says no share. Write the lowest coverage that is wanted, or take its need away."
        problems.append(Problem("optimum-target-share", message, facts={"need": need}))
    group, area = (str(row[name]) if row.get(name) else None for name in ("group", "area"))
    return Target(need, share or 0.0, group, area)


def _source(row: Mapping[str, Any], problems: list[Problem]) -> Source:
    name, programmes = str(row.get("source") or "").strip()[:LONGEST_NAME], _names(row.get("programmes"))
    amount = read_amount(row.get("amount"), problems, "optimum-source-holds", source=name)
    if not name:
        problems.append(Problem("optimum-source-name", "A funding source has no name. Give it one."))
    if row.get("amount") in (None, ""):
        message = f"The source '{name}' says no amount. Write what it holds a year."
        problems.append(Problem("optimum-source-amount", message, facts={"source": name}))
    if not programmes:
        message = f"The source '{name}' pays for no programme. Tick those that it may pay for."
        problems.append(Problem("optimum-source-programmes", message, facts={"source": name}))
    return Source(name, amount or Decimal(0), programmes)


def _least_share(given: Any, problems: list[Problem]) -> LeastShare | None:
    if not given:
        return None
    if not isinstance(given, Mapping):
        problems.append(Problem("optimum-share", "'min_share' must give programmes and a share."))
        return None
    programmes, share = _names(given.get("programmes")), read_share(given.get("share"), "optimum-share", 1.0, problems)
    if given.get("share") in (None, ""):
        message = "A least share names programmes and no share. Write the share, or untick the programmes."
        problems.append(Problem("optimum-share-missing", message))
    if not programmes:
        message = "A least share names no programme. Tick those that are to get it together."
        problems.append(Problem("optimum-share-programmes", message))
    return LeastShare(programmes, share or 0.0)


def _names(given: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name) for name in given)) if isinstance(given, list) else ()


def read_amount(value: Any, problems: list[Problem], rule: str = "optimum-amount", **facts: str) -> Decimal | None:
    """An exact amount of 0 or more; None where nothing stands there. `rule` and `facts` say which amount it is."""
    if value in (None, ""):
        return None
    text = str(value)
    whole, _, cents = text.partition(".")
    is_whole = whole.isascii() and whole.isdigit() and len(whole) <= MOST_DIGITS
    has_cents = cents == "" or (cents.isascii() and cents.isdigit() and len(cents) <= 2)
    if is_whole and has_cents:
        return Decimal(text)
    message = f"'{text[:40]}' is no amount. Write 0 or more with at most two decimals, such as 1500.50."
    problems.append(Problem(rule, message, value=text[:40], facts={**facts, "value": text[:40]}))
    return None


def read_share(value: Any, rule: str, most: float, problems: list[Problem], **facts: str) -> float | None:
    """A share between 0 and `most`; None where nothing stands there."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        message = f"'{value}' is no share between 0 and {most:g}."
        told = {**facts, "value": percent_words(value), "most": f"{100 * most:g}"}
        problems.append(Problem(rule, message, value=str(value)[:40], facts=told))
        return None
    return float(value)


# ---- laid over a model -----------------------------------------------------------------------------------------------


def unknown_names(conditions: Conditions, model: BudgetModel) -> Iterator[Problem]:
    """Needs, groups, areas and programmes that the model does not have."""
    asked = {
        "need": [(target.need, model.needs) for target in conditions.targets],
        "group": [(target.group, model.groups) for target in conditions.targets if target.group],
        "area": [(target.area, model.areas) for target in conditions.targets if target.area],
        "programme": [(name, model.programmes) for name in _all_programmes(conditions)],
    }
    for kind, pairs in asked.items():
        for name in sorted({name for name, known in pairs if name not in known}):
            message = f"There is no {kind} '{name}' in the model."
            yield Problem(f"unknown-{kind}", message, value=name, facts={kind: name})


def _all_programmes(conditions: Conditions) -> list[str]:
    least = conditions.least_share
    names = [name for source in conditions.sources for name in source.programmes]
    return [*names, *(least.programmes if least else ())]


def with_conditions(stated: Constraints, conditions: Conditions, model: BudgetModel) -> Constraints:
    """The model's own limits with these: of two targets for the same people the higher one holds; sources and the least
    share stand in place of the model's where any are given."""
    everywhere = {need: dict(groups) for need, groups in stated.min_coverage.items()}
    by_area = {
        need: {area: dict(groups) for area, groups in areas.items()}
        for need, areas in stated.min_coverage_by_area.items()
    }
    for target in conditions.targets:
        place = everywhere if target.area is None else by_area.setdefault(target.need, {})
        groups = place.setdefault(target.area or target.need, {})
        for group in [target.group] if target.group else model.groups:
            groups[group] = max(target.share, groups.get(group, 0.0))
    earmarks = tuple(Earmark(one.name, float(one.amount), one.programmes) for one in conditions.sources)
    least = conditions.least_share
    named = None if least is None else {"programmes": list(least.programmes), "share": least.share}
    return replace(
        stated,
        min_coverage=everywhere,
        min_coverage_by_area=by_area,
        earmarks=earmarks or stated.earmarks,
        min_share=named or stated.min_share,
    )
