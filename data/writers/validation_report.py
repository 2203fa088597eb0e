"""The validation report as a workbook that people work from, and the cases as a file of corrections to fill in.

Sheets: summary, by rule, by enumerator, by sector, cases. A rule with many cases shows them in groups, with the ids as
ranges; nobody has to scroll through thousands of lines that say the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.messages import mark, translate_all
from data.readers.corrections_file import HEADER
from data.writers.tables import Cell, Table, defused, xlsx_bytes

MOST_CASES = 200  # of a rule, one by one; further ones in groups
Texts = Mapping[str, str]

TEXTS: Texts = {
    "summary": mark("Summary"),
    "rules": mark("By rule"),
    "enumerators": mark("By enumerator"),
    "areas": mark("By sector"),
    "cases": mark("Cases"),
    "site": mark("Site"),
    "round": mark("Round"),
    "date": mark("Date of the check (UTC)"),
    "source": mark("Source"),
    "rules_file": mark("File of rules"),
    "corrections": mark("Corrections applied"),
    "persons": mark("Persons"),
    "households": mark("Households"),
    "errors": mark("Cases of error"),
    "warnings": mark("Cases of warning"),
    "not_applicable": mark("Rules that cannot be applied"),
    "how": mark("How to work"),
    "how_text": mark("Look every case up in its form; write corrections into a file with the columns {columns}."),
    "code": mark("Code"),
    "rule": mark("Rule"),
    "severity": mark("Severity"),
    "level": mark("Level"),
    "looked_at": mark("Looked at"),
    "not_judged": mark("Not judged"),
    "number": mark("Cases"),
    "state": mark("State"),
    "checked": mark("applied"),
    "missing": mark("not applicable: {columns} missing"),
    "reason": mark("not applicable: {reason}"),
    "error": mark("error"),
    "warning": mark("warning"),
    "person": mark("person"),
    "household": mark("household"),
    "level_round": mark("round"),
    "enumerator": mark("Enumerator"),
    "area": mark("Sector"),
    "top": mark("Most frequent rules"),
    "household_id": mark("Household"),
    "person_id": mark("Person"),
    "found": mark("What was found"),
    "many": mark("{cases} cases: {ids}"),
    "further": mark("… and {number} more"),
    "none": mark("(none)"),
}


@dataclass(frozen=True)
class ReportHead:
    """What every sheet's figures belong to."""

    site: str
    round_code: str
    date: str
    source: str
    rules_file: str
    corrections: int


def validation_workbook(head: ReportHead, result: Mapping[str, Any], findings: pl.DataFrame, language: str) -> bytes:
    """The report; `result` is the document of a run, `findings` its cases one by one."""
    texts = translate_all(language, TEXTS)
    notes = [(name, text) for name, text in _head(head, result, texts)]
    tables = [
        Table(texts["rules"], _rule_header(texts), [_rule_row(rule, texts, language) for rule in result["rules"]]),
        _counts_table(result["by_enumerator"], "enumerators", "enumerator", texts),
        _counts_table(result["by_area"], "areas", "area", texts),
        Table(texts["cases"], _case_header(texts), list(_case_rows(result["rules"], findings, texts, language))),
    ]
    line = f"{head.site} · {head.round_code} · {head.date} · {head.source}"
    return xlsx_bytes(texts["summary"], notes, [_with_line(table, line) for table in tables])


def _with_line(table: Table, line: str) -> Table:
    """The table with site, round, date and source below it: a sheet that is copied alone still says whose it is."""
    return Table(table.title, table.header, [*table.rows, [], [line]])


def _head(head: ReportHead, result: Mapping[str, Any], texts: Texts) -> Iterator[tuple[str, str]]:
    yield texts["site"], head.site
    yield texts["round"], head.round_code
    yield texts["date"], head.date
    yield texts["source"], head.source
    yield texts["rules_file"], head.rules_file
    yield texts["corrections"], f"{head.corrections:,}"
    yield texts["persons"], f"{result['persons']:,}"
    yield texts["households"], f"{result['households']:,}"
    for severity in ("error", "warning"):
        cases = sum(rule["cases"] for rule in result["rules"] if rule["severity"] == severity)
        yield texts[f"{severity}s"], f"{cases:,}"
    unused = [rule["id"] for rule in result["rules"] if not is_applicable(rule)]
    yield texts["not_applicable"], ", ".join(unused) or texts["none"]
    yield texts["how"], texts["how_text"].format(columns=", ".join(HEADER))


def message_of(rule: Mapping[str, Any], language: str) -> str:
    """The rule's message in a language, else in the first that it has."""
    return str(rule["message"].get(language) or next(iter(rule["message"].values())))


def is_applicable(rule: Mapping[str, Any]) -> bool:
    """Whether the round has what the rule reads."""
    return not (rule["missing"] or rule["reason"])


def state_of(rule: Mapping[str, Any], texts: Texts) -> str:
    """Whether the rule could be applied, and what it lacked."""
    if rule["missing"]:
        return texts["missing"].format(columns=", ".join(rule["missing"]))
    return texts["reason"].format(reason=rule["reason"]) if rule["reason"] else texts["checked"]


def _level(level: str, texts: Texts) -> str:
    return texts["level_round"] if level == "round" else texts[level]


def _rule_header(texts: Texts) -> list[str]:
    return [texts[name] for name in ("code", "rule", "severity", "level", "number", "looked_at", "not_judged", "state")]


def _rule_row(rule: Mapping[str, Any], texts: Texts, language: str) -> list[Cell]:
    is_used = is_applicable(rule)
    return [
        rule["id"],
        message_of(rule, language),
        texts[rule["severity"]],
        _level(rule["level"], texts),
        rule["cases"] if is_used else None,
        rule["looked_at"] if is_used else None,
        rule["not_judged"] if is_used else None,
        state_of(rule, texts),
    ]


def _counts_table(counts: Sequence[Mapping[str, Any]], title: str, name: str, texts: Texts) -> Table:
    header = [texts[key] for key in (name, "errors", "warnings", "households", "top")]
    rows: list[list[Cell]] = [
        [
            count["name"],
            count["errors"],
            count["warnings"],
            count["households"],
            ", ".join(f"{rule} ({number:,})" for rule, number in count["top"]),
        ]
        for count in counts
    ]
    return Table(texts[title], header, rows or [[texts["none"], None, None, None, None]])


def _case_header(texts: Texts) -> list[str]:
    names = ("code", "rule", "severity", "enumerator", "area", "household_id", "person_id", "found")
    return [texts[name] for name in names]


def _case_rows(
    rules: Sequence[Mapping[str, Any]], findings: pl.DataFrame, texts: Texts, language: str
) -> Iterator[list[Cell]]:
    """Cases one by one where there are few, in groups where there are many; errors come first."""
    for rule in sorted(rules, key=lambda rule: rule["severity"] != "error"):
        if not rule["cases"]:
            continue
        first = [rule["id"], message_of(rule, language), texts[rule["severity"]]]
        if rule["cases"] <= MOST_CASES:
            cases = findings.filter(pl.col("rule") == rule["id"])
            for case in cases.iter_rows(named=True):
                ids = [case["household_id"], case["person_id"]]
                yield [*first, case["enumerator"], case["area"], *ids, case["found"]]
        else:
            yield from (_group_row(first, rule["level"], group, texts) for group in rule["groups"])


def _group_row(first: list[str], level: str, group: Mapping[str, Any], texts: Texts) -> list[Cell]:
    text = texts["many"].format(cases=f"{group['cases']:,}", ids=group["ids"])
    if group["further"]:
        text += " " + texts["further"].format(number=f"{group['further']:,}")
    ids = [None, text] if level == "person" else [text, None]
    return [*first, group["enumerator"], group["area"], *ids, found_text(group, texts)]


def found_text(group: Mapping[str, Any], texts: Texts) -> str:
    """The answers of a group: all of them, or examples and how many further kinds there are."""
    shown = " | ".join(group["found"])
    further = group.get("kinds", 0) - len(group["found"])
    return f"{shown} {texts['further'].format(number=further)}" if further > 0 and shown else shown


def cases_csv(rows: Iterable[tuple[str, int, str, str]]) -> bytes:
    """Answers to look at as a file of corrections: record, id, column and what is there; new and reason stay empty."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(HEADER)
    for record, record_id, column, old in rows:
        writer.writerow([record, record_id, column, defused(old), "", ""])
    return stream.getvalue().encode("utf-8-sig")
