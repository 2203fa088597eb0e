"""Votes written in the `.pb` format: what was read comes out as it was; a vote of our own as Pabulib asks for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from data.readers.pabulib import PabulibFile
from data.readers.pabulib_sections import SECTIONS

META_ORDER = (
    "description", "country", "unit", "subunit", "instance", "num_projects", "num_votes", "budget", "vote_type", "rule",
    "date_begin", "date_end", "min_length", "max_length", "min_sum_points", "max_sum_points", "max_sum_cost",
    "min_project_score_threshold", "language", "currency", "comment",
)  # fmt: skip


def pabulib_text(file: PabulibFile) -> str:
    """The file again, section by section, record by record."""
    return _text(
        (name, file.sections[name].columns, (r.fields for r in file.sections[name].records)) for name in SECTIONS
    )


def pabulib_of(
    meta: Mapping[str, str],
    projects: Sequence[Mapping[str, str]],
    votes: Sequence[Mapping[str, str]],
) -> str:
    """A vote of our own. The first columns are those that Pabulib requires; further ones follow in their order.

    Parameters
    ----------
    meta : without `num_projects` and `num_votes`, which are counted here
    projects : each with `project_id` and `cost`
    votes : each with `voter_id` and `vote`
    """
    full = {**meta, "num_projects": str(len(projects)), "num_votes": str(len(votes))}
    keys = [key for key in META_ORDER if key in full] + [key for key in full if key not in META_ORDER]
    return _text(
        [
            ("META", ("key", "value"), ((key, full[key]) for key in keys)),
            ("PROJECTS", *_table(projects, ("project_id", "cost"))),
            ("VOTES", *_table(votes, ("voter_id", "vote"))),
        ]
    )


def _table(rows: Sequence[Mapping[str, str]], first: tuple[str, ...]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    columns = tuple(dict.fromkeys([*first, *(column for row in rows for column in row)]))
    return columns, [tuple(row.get(column, "") for column in columns) for row in rows]


def _text(sections: Iterable[tuple[str, Iterable[str], Iterable[Iterable[str]]]]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\n")
    for name, columns, records in sections:
        writer.writerow([name])
        writer.writerow(columns)
        writer.writerows(records)
    return target.getvalue()
