"""Votes in the `.pb` format of Pabulib (Faliszewski et al., "Participatory budgeting: data, tools and analysis", 2023).

Three sections, META, PROJECTS and VOTES, each with a header, semicolons between the fields. Everything that a file
says is kept, also columns that nothing here counts, so that it can be written again as it was.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path

from budget_model.assembly.election import (
    APPROVAL_TYPES,
    SCORED_TYPES,
    VOTE_TYPES,
    Election,
    Proposal,
    ballots_of,
)
from budget_model.errors import Problem
from data.readers.pabulib_sections import MOST_BYTES, PabulibProblems, Record, Section, sections_of, text_of

WITHDRAWN_COST = 999_999_999  # Pabulib's sign for a project that was taken back
LARGEST_AMOUNT = 10**15
MOST_DECIMALS = 6
LARGEST_SUM = 2**62  # whole numbers are counted in 64 bits
WARNINGS_NAMED = 5


@dataclass(frozen=True)
class PabulibFile:
    """A vote and the tables that it was read from."""

    election: Election
    sections: dict[str, Section]
    warnings: tuple[Problem, ...]

    def line_of(self, key: str) -> int:
        """The line on which META says something; where it does not, that of META."""
        meta = self.sections["META"]
        return next((one.line for one in meta.records if one.fields[0].strip() == key), meta.line)


def read_pabulib(path: Path) -> PabulibFile:
    """Read a `.pb` file.

    Raises
    ------
    InputError : with every problem that was found, each with its line.
    """
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    return parse_pabulib(content, path.name)


def parse_pabulib(content: bytes, file: str = "votes.pb") -> PabulibFile:
    """The vote in the bytes of a `.pb` file; raises like `read_pabulib`."""
    problems = PabulibProblems(file)
    sections = sections_of(text_of(content, problems), problems)
    if problems.errors:
        problems.stop()
    meta = _meta(sections["META"], problems)
    vote_type = _vote_type(meta, problems)
    budget = _amount(meta.get("budget", ("", None)), "budget", problems)
    proposals = _proposals(sections["PROJECTS"], problems)
    rows, points = _votes(sections["VOTES"], proposals, vote_type, problems)
    _check_counts(meta, sections, problems)
    if problems.errors or budget is None:
        problems.stop()
    _check_size(budget, proposals, rows, points, sections, problems)
    _warn_of_limits(meta, proposals, rows, points, sections["VOTES"], problems)
    kept = [one for one in proposals if one.cost != WITHDRAWN_COST]
    election = Election(
        budget=budget,
        vote_type=vote_type,
        proposals=tuple(proposals),
        ballots=ballots_of(rows, points),
        meta={key: value for key, (value, _) in meta.items()},
        voters=tuple(sections["VOTES"].cells(record) for record in sections["VOTES"].records),
    )
    if len(kept) < len(proposals):
        election = election.restricted_to([index for index, one in enumerate(proposals) if one.cost != WITHDRAWN_COST])
    return PabulibFile(election, sections, tuple(problems.warnings))


def _meta(section: Section, problems: PabulibProblems) -> dict[str, tuple[str, int]]:
    meta: dict[str, tuple[str, int]] = {}
    for record in section.records:
        key = record.fields[0].strip()
        if key in meta:
            problems.error("meta_twice", f"META says '{key}' twice. Keep one.", record.line, key)
        meta[key] = (record.fields[1].strip() if len(record.fields) > 1 else "", record.line)
    for key in ("num_projects", "num_votes", "budget", "vote_type"):
        if key not in meta:
            problems.error("meta_missing", f"META does not say '{key}'. Add a line '{key};…'.", section.line, key)
    return meta


def _vote_type(meta: dict[str, tuple[str, int]], problems: PabulibProblems) -> str:
    value, line = meta.get("vote_type", ("", None))
    if value and value not in VOTE_TYPES:
        message = f"'{value}' is no vote type that is known here. Use {', '.join(VOTE_TYPES)}."
        problems.error("vote_type_unknown", message, line, "vote_type", value)
    return value


def _amount(cell: tuple[str, int | None], column: str, problems: PabulibProblems) -> Fraction | None:
    """An exact amount of money, not negative; None where it is refused."""
    text, line = cell
    if not text:
        if line is not None:
            problems.error(
                "amount_missing", f"'{column}' is empty. Write an amount such as 1500 or 1500.50.", line, column
            )
        return None
    if "," in text:
        message = f"'{text}' has a comma. Write the amount without thousands marks and with a decimal point: 1500.50."
        problems.error("amount_comma", message, line, column, text)
        return None
    digits = text.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()):
        problems.error(
            "amount_wrong", f"'{text[:40]}' is no amount. Write digits, such as 1500.50.", line, column, text
        )
        return None
    if len(text.partition(".")[2].rstrip("0")) > MOST_DECIMALS:
        message = f"'{text[:40]}' has more than {MOST_DECIMALS} decimals. Round it to the smallest coin."
        problems.error("amount_decimals", message, line, column, text)
        return None
    if len(digits) > 20 or Fraction(text) > LARGEST_AMOUNT:
        problems.error("amount_too_large", f"'{text[:40]}' is larger than {LARGEST_AMOUNT:,}.", line, column, text)
        return None
    return Fraction(text)


def _proposals(section: Section, problems: PabulibProblems) -> list[Proposal]:
    proposals: dict[str, Proposal] = {}
    for record in section.records:
        cells = section.cells(record)
        name = cells.get("project_id", "").strip()
        if not name:
            problems.error("project_without_id", "The project has no id.", record.line, "project_id")
        elif name in proposals:
            problems.error("project_twice", f"The project '{name}' stands twice.", record.line, "project_id", name)
        elif "," in name:
            message = f"The id '{name}' has a comma, which separates projects in the votes. Choose another id."
            problems.error("project_id_comma", message, record.line, "project_id", name)
        cost = _amount((cells.get("cost", "").strip(), record.line), "cost", problems)
        if cost == WITHDRAWN_COST:
            message = f"The project '{name}' costs {WITHDRAWN_COST}: that marks it as withdrawn. It does not take part."
            problems.warn("project_withdrawn", message, record.line, "cost")
        proposals.setdefault(name, Proposal(name, cost or Fraction(0), cells.get("name", "").strip(), cells))
    return list(proposals.values())


def _votes(
    section: Section, proposals: Sequence[Proposal], vote_type: str, problems: PabulibProblems
) -> tuple[list[list[int]], list[list[Fraction]] | None]:
    index = {proposal.id: place for place, proposal in enumerate(proposals)}
    has_points = "points" in section.columns and vote_type not in APPROVAL_TYPES
    if vote_type in SCORED_TYPES and "points" not in section.columns and section.records:
        message = f"A {vote_type} vote needs a column 'points' in VOTES."
        problems.error("column_missing", message, section.line, "points")
    rows: list[list[int]] = []
    points: list[list[Fraction]] = []
    seen: dict[str, int] = {}
    for record in section.records:
        cells = section.cells(record)
        _check_voter(cells.get("voter_id", ""), record, seen, problems)
        names = _list(cells.get("vote", ""))
        rows.append(_choices(names, index, vote_type, record, problems))
        if has_points:
            points.append(_points(_list(cells.get("points", "")), len(names), record, problems))
    return rows, points if has_points else None


def _list(text: str) -> list[str]:
    """Fields with commas between them; `None` is how Pabulib writes an empty ballot."""
    return [] if text.strip() in ("", "None") else [part.strip() for part in text.split(",")]


def _check_voter(voter: str, record: Record, seen: dict[str, int], problems: PabulibProblems) -> None:
    if not voter.strip():
        problems.error("voter_without_id", "The ballot has no voter_id.", record.line, "voter_id")
    elif voter in seen:
        message = f"The voter '{voter}' has a ballot in line {seen[voter]:,} already. One ballot a voter."
        problems.error("voter_twice", message, record.line, "voter_id", voter)
    seen.setdefault(voter, record.line)


def _choices(
    names: list[str], index: dict[str, int], vote_type: str, record: Record, problems: PabulibProblems
) -> list[int]:
    for name in dict.fromkeys(names):
        if name not in index:
            message = f"The ballot names the project '{name[:40]}', which is not in PROJECTS."
            problems.error("project_unknown", message, record.line, "vote", name)
        elif names.count(name) > 1:
            problems.error("choice_twice", f"The ballot names '{name}' twice.", record.line, "vote", name)
    if vote_type == "choose-1" and len(names) > 1:
        message = f"The ballot names {len(names)} projects where the vote lets people choose one."
        problems.error("choices_too_many", message, record.line, "vote")
    return [index[name] for name in names if name in index]


def _points(texts: list[str], wanted: int, record: Record, problems: PabulibProblems) -> list[Fraction]:
    if len(texts) != wanted:
        message = f"The ballot gives {len(texts)} points to {wanted} projects. One number a project, in the same order."
        problems.error("points_count", message, record.line, "points")
        return [Fraction(0)] * wanted
    values = []
    for text in texts:
        digits = text.replace(".", "", 1)
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= 12
        is_number = is_number and len(text.partition(".")[2]) <= MOST_DECIMALS
        if not is_number:
            message = f"'{text[:40]}' is no number of points. Write 0 or more, with six decimals at most."
            problems.error("points_wrong", message, record.line, "points", text)
        values.append(Fraction(text) if is_number else Fraction(0))
    return values


def _check_counts(meta: dict[str, tuple[str, int]], sections: dict[str, Section], problems: PabulibProblems) -> None:
    for key, name in (("num_projects", "PROJECTS"), ("num_votes", "VOTES")):
        if key not in meta:
            continue
        text, line = meta[key]
        found = len(sections[name].records)
        if text != str(found):
            message = (
                f"META says {key} = {text[:20]}, but {name} has {found:,} records. "
                "Either records are missing, or META must be corrected."
            )
            problems.error("count_wrong", message, line, key, text)


def _check_size(
    budget: Fraction,
    proposals: Sequence[Proposal],
    rows: Sequence[Sequence[int]],
    points: Sequence[Sequence[Fraction]] | None,
    sections: dict[str, Section],
    problems: PabulibProblems,
) -> None:
    """Refuse what cannot be counted exactly in whole numbers of 64 bits."""
    scale = lcm(budget.denominator, *(one.cost.denominator for one in proposals))
    chosen = Counter(index for row in rows for index in row)
    wanted = sum(count * proposals[index].cost for index, count in chosen.items() if index < len(proposals))
    largest = max([budget, *(one.cost for one in proposals)])
    if scale * max(wanted, largest) >= LARGEST_SUM:
        message = (
            "The amounts are too large to be counted exactly: costs times votes, in the smallest coin, exceed 2^62."
        )
        dearest = max(range(len(proposals)), key=lambda index: proposals[index].cost, default=None)
        line = sections["PROJECTS"].line if dearest is None else sections["PROJECTS"].records[dearest].line
        problems.error("amount_too_large", message, line, "cost")
    given = [value for row in points or () for value in row]
    if points and given and lcm(*{value.denominator for value in given}) * sum(given) >= LARGEST_SUM:
        most = max(range(len(points)), key=lambda row: sum(points[row]))
        line = sections["VOTES"].records[most].line
        problems.error("points_too_large", "The points are too large to be counted exactly.", line, "points")
    if problems.errors:
        problems.stop()


def _warn_of_limits(
    meta: dict[str, tuple[str, int]],
    proposals: Sequence[Proposal],
    rows: Sequence[Sequence[int]],
    points: Sequence[Sequence[Fraction]] | None,
    votes: Section,
    problems: PabulibProblems,
) -> None:
    """Ballots that break the limits of META are counted as they stand, and told: who published them let them count."""
    measures = {
        "length": ([Fraction(len(row)) for row in rows], "choices"),
        "sum_points": ([sum(row, Fraction(0)) for row in points] if points is not None else [], "points"),
        "sum_cost": ([sum((proposals[index].cost for index in row), Fraction(0)) for row in rows], "of cost"),
    }
    for name, (found, word) in measures.items():
        for key, is_beyond in ((f"max_{name}", operator.gt), (f"min_{name}", operator.lt)):
            text = meta.get(key, ("", 0))[0]
            if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
                continue
            limit = Fraction(text)
            lines = [one.line for one, value in zip(votes.records, found, strict=False) if is_beyond(value, limit)]
            if lines:
                named = ", ".join(f"{line:,}" for line in lines[:WARNINGS_NAMED])
                more = " …" if len(lines) > WARNINGS_NAMED else ""
                message = (
                    f"META says {key} = {text}, and {len(lines):,} ballots break it ({word}; lines {named}{more}). "
                    "They are counted as they stand."
                )
                problems.warn("limit_broken", message, meta[key][1], key)
