"""Which proposals were merged into which: one step, into one that still stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from budget_model.assembly.proposals import MERGED, WITHDRAWN, ProposalRecord
from budget_model.errors import Problem
from data.store.tables import AssemblyProposal

Standing = Mapping[str, tuple[str, str]]  # code -> state and the code that it was merged into


def standing_of(rows: Iterable[AssemblyProposal], records: Iterable[ProposalRecord]) -> Standing:
    """How all proposals of a year will stand once these records are stored."""
    stored = {row.code: (row.state, row.merged_into or "") for row in rows}
    return {**stored, **{record.code: (record.state, record.merged_into) for record in records}}


def merging_problems(record: ProposalRecord, standing: Standing) -> Iterator[Problem]:
    """What is wrong with where a proposal is merged, or with taking out one that others were merged into."""
    if record.state == MERGED:
        yield from _target_problems(record.merged_into, standing)
    others = merged_into(record.code, standing) if record.state in (MERGED, WITHDRAWN) else ()
    if others:
        codes = ", ".join(others)[:200]
        message = f"{codes} were merged into '{record.code}'. Merge them into another one first."
        yield Problem("proposal-merged-here", message, column="state", value=record.code, facts={"codes": codes})


def _target_problems(target: str, standing: Standing) -> Iterator[Problem]:
    state, onward = standing.get(target, ("", ""))
    code = target[:40]
    told = {"column": "merged_into", "value": code}
    if not state:
        message = f"'{code}' is not among the proposals of the year. Name the one that goes on."
        yield Problem("proposal-merged-unknown", message, **told, facts={"code": code})
    elif state == MERGED:
        message = f"'{code}' was itself merged into '{onward}'. Name that one."
        yield Problem("proposal-merged-twice", message, **told, facts={"code": code, "onward": onward})
    elif state == WITHDRAWN:
        message = f"'{code}' was withdrawn. Name a proposal that goes on."
        yield Problem("proposal-merged-withdrawn", message, **told, facts={"code": code})


def merged_into(code: str, standing: Standing) -> Sequence[str]:
    """Codes of the proposals that were merged into this one."""
    return sorted(one for one, (state, target) in standing.items() if state == MERGED and target == code)
