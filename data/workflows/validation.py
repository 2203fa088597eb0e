"""The rules held against a round: the run on record, and the report that people work from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import NotFoundError
from budget_model.survey.validation import Outcome, Validation, shown_columns, validate
from data.readers.validation_rules import RULES_FILE, read_rules
from data.store.corrections import list_corrections
from data.store.engine import transaction
from data.store.rounds import load_round
from data.store.sites import load_site
from data.store.tables import Site, SurveyRound, ValidationRun
from data.store.validation import add_run
from data.workflows.corrected import IDS, CorrectedAnswers, corrected_answers
from data.workflows.form_breaks import kept_breaks
from data.workflows.round_states import answers_sha256, locked_round
from data.writers.validation_report import ReportHead, validation_workbook

MOST_GROUPS = 40  # of a rule; with more, cases are grouped by enumerator and sector only
MOST_RANGES = 30  # of ids in a group


@dataclass(frozen=True)
class CheckedRound:
    """A run: what is stored of it, and the findings themselves."""

    site_name: str
    round_code: str
    source: str
    corrections: int
    at: datetime
    rules_file: str
    rules_sha256: str
    answers_sha256: str
    result: dict[str, Any]
    validation: Validation

    @property
    def errors(self) -> int:
        return self.validation.cases("error")

    @property
    def warnings(self) -> int:
        return self.validation.cases("warning")


def check_round_answers(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    round_code: str,
    actor: str,
    rules_file: Path | None = None,
) -> CheckedRound:
    """Hold the corrected answers of a round against rules and keep what came of it. The state stays as it is.

    rules_file : None takes the product's own rules
    Raises CatalogueError (a subclass of InputError) with every problem of the rules, NotFoundError.
    """
    rules, rules_sha256 = read_rules(rules_file)
    name = (rules_file or RULES_FILE).name
    with factory() as session:
        site = load_site(session, site_slug)
        survey_round = load_round(session, site.id, round_code)
        answers, sha256 = _answers(session, bank_folder, survey_round)
        area_column = survey_round.area_columns[0] if survey_round.area_columns else None
        site_id, site_name, source = site.id, site.name, survey_round.source
        breaks = kept_breaks(bank_folder, survey_round.bank_path)
    validation = validate(answers.persons, answers.households, rules, area_column)
    result = {**result_document(validation), "form_checks": breaks}
    with transaction(factory) as session:
        survey_round = locked_round(session, site_id, round_code)
        run = add_run(
            session,
            survey_round,
            actor,
            rules_file=name,
            rules_sha256=rules_sha256,
            answers_sha256=sha256,
            errors=validation.cases("error"),
            warnings=validation.cases("warning"),
            result=result,
        )
        at = run.at
    return CheckedRound(
        site_name, round_code, source, answers.corrections, at, name, rules_sha256, sha256, result, validation
    )


def answers_to_correct(
    session: Session, bank_folder: Path, survey_round: SurveyRound, rule_id: str
) -> list[tuple[str, int, str, str]]:
    """Record, id, column and present answer of what a rule found: what a file of corrections starts from.

    Answers that the rules call sensitive, ids and computed columns are left out. NotFoundError for an unknown rule.
    """
    rules, _ = read_rules()
    rule = next((rule for rule in rules.rules if rule.id == rule_id), None)
    if rule is None:
        raise NotFoundError("rule", rule_id)
    answers, _ = _answers(session, bank_folder, survey_round)
    area_column = survey_round.area_columns[0] if survey_round.area_columns else None
    one = rules.model_copy(update={"rules": (rule,)})
    checked = validate(answers.persons, answers.households, one, area_column)
    if rule.level == "round":
        return []
    record, key = rule.level, IDS[rule.level]
    fixed = {*IDS.values(), *rules.sensitive, *answers.computed}
    if record == "person":
        fixed |= set(answers.households.columns)
    named = [checked.names.get(name, name) for name in shown_columns(rule)]
    columns = [name for name in named if name in answers.of(record).columns and name not in fixed]
    found = checked.findings.select(pl.col(key).cast(answers.of(record).schema[key])).unique(maintain_order=True)
    rows = found.join(answers.of(record).select(key, *columns), on=key, how="left", maintain_order="left")
    return [
        (record, row[key], column, "" if row[column] is None else str(row[column]))
        for row in rows.iter_rows(named=True)
        for column in columns
    ]


def is_current(session: Session, survey_round: SurveyRound, run: ValidationRun) -> bool:
    """Whether a run looked at the answers as they are now."""
    return run.answers_sha256 == answers_sha256(survey_round, list_corrections(session, survey_round.id))


def _answers(session: Session, bank_folder: Path, survey_round: SurveyRound) -> tuple[CorrectedAnswers, str]:
    log = list_corrections(session, survey_round.id)
    return corrected_answers(session, bank_folder, survey_round), answers_sha256(survey_round, log)


def report_of(checked: CheckedRound, language: str) -> bytes:
    """The report of a run as a workbook, in Spanish or English."""
    head = ReportHead(
        checked.site_name,
        checked.round_code,
        f"{checked.at:%Y-%m-%d %H:%M}",
        checked.source,
        checked.rules_file,
        checked.corrections,
    )
    return validation_workbook(head, checked.result, checked.validation.findings, language)


def report_now(session: Session, bank_folder: Path, survey_round: SurveyRound, language: str) -> bytes:
    """The report of the product's own rules on the answers as they are; nothing is stored."""
    answers, _ = _answers(session, bank_folder, survey_round)
    area_column = survey_round.area_columns[0] if survey_round.area_columns else None
    validation = validate(answers.persons, answers.households, read_rules()[0], area_column)
    site = session.get_one(Site, survey_round.site_id)
    head = ReportHead(
        site.name,
        survey_round.code,
        f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        survey_round.source,
        RULES_FILE.name,
        answers.corrections,
    )
    return validation_workbook(head, result_document(validation), validation.findings, language)


def sensitive_columns() -> frozenset[str]:
    """Columns whose answers no page and no report shows."""
    return frozenset(read_rules()[0].sensitive)


# --- what is kept of a run -------------------------------------------------------------------------------------------


def result_document(validation: Validation) -> dict[str, Any]:
    """Counts by rule, enumerator and sector, and the cases of each rule in groups: plain JSON, never a wall."""
    return {
        "persons": validation.persons,
        "households": validation.households,
        "rules": [_rule_document(outcome, validation.findings) for outcome in validation.outcomes],
        "by_enumerator": _counts_by(validation.findings, "enumerator"),
        "by_area": _counts_by(validation.findings.filter(pl.col("level") != "round"), "area"),
    }


def _rule_document(outcome: Outcome, findings: pl.DataFrame) -> dict[str, Any]:
    rule = outcome.rule
    return {
        "id": rule.id,
        "level": rule.level,
        "severity": rule.severity,
        "message": dict(rule.message),
        "looked_at": outcome.looked_at,
        "not_judged": outcome.not_judged,
        "cases": outcome.cases,
        "missing": list(outcome.missing),
        "reason": outcome.reason,
        "groups": groups_of(findings.filter(pl.col("rule") == rule.id), rule.level) if outcome.cases else [],
    }


def groups_of(findings: pl.DataFrame, level: str) -> list[dict[str, Any]]:
    """Cases of one rule that are alike, the most frequent first.

    Alike: same enumerator, sector and answers. Where that makes more than `MOST_GROUPS`, same enumerator and sector;
    where that is still more, the last group takes the rest.
    """
    groups = _grouped(findings, ["enumerator", "area", "found"], level)
    if len(groups) > MOST_GROUPS:
        groups = _grouped(findings, ["enumerator", "area"], level)
    if len(groups) > MOST_GROUPS:
        kept = groups[: MOST_GROUPS - 1]
        rest = sum(group["cases"] for group in groups[MOST_GROUPS - 1 :])
        groups = [*kept, {"enumerator": None, "area": None, "found": [], "cases": rest, "ids": "", "further": rest}]
    return groups


def _grouped(findings: pl.DataFrame, keys: list[str], level: str) -> list[dict[str, Any]]:
    ids = "person_id" if level == "person" else "household_id"
    examples = pl.col("found").value_counts(sort=True).struct.field("found").head(3)
    grouped = findings.group_by(keys).agg(
        pl.len().alias("cases"),
        examples.alias("examples"),
        pl.col("found").n_unique().alias("kinds"),
        pl.col(ids).drop_nulls().unique().sort().alias("ids"),
    )
    grouped = grouped.sort(["cases", *keys], descending=[True, *[False] * len(keys)], nulls_last=True)
    return [_group(row) for row in grouped.iter_rows(named=True)]


def _group(row: dict[str, Any]) -> dict[str, Any]:
    text, further = id_ranges(row["ids"])
    found = [row["found"]] if "found" in row else sorted(row["examples"])
    return {
        "enumerator": row["enumerator"],
        "area": row["area"],
        "found": found,
        "kinds": row["kinds"],
        "cases": row["cases"],
        "ids": text,
        "further": further,
    }


def id_ranges(ids: Sequence[int], most: int = MOST_RANGES) -> tuple[str, int]:
    """Sorted ids as `3, 7–12, 40`, and how many are left out beyond the first `most` ranges.

    >>> id_ranges([3, 7, 8, 9, 40])
    ('3, 7–9, 40', 0)
    """
    ranges: list[list[int]] = []
    for number in ids:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    text = ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in ranges[:most])
    return text, sum(high - low + 1 for low, high in ranges[most:])


def _counts_by(findings: pl.DataFrame, column: str) -> list[dict[str, Any]]:
    """Errors, warnings and the three most frequent rules of each enumerator or sector, the most cases first."""
    counts = (
        findings.drop_nulls(column)
        .group_by(column)
        .agg(
            (pl.col("severity") == "error").sum().alias("errors"),
            (pl.col("severity") == "warning").sum().alias("warnings"),
            pl.col("household_id").drop_nulls().n_unique().alias("households"),
            pl.col("rule").value_counts(sort=True).head(3).alias("top"),
        )
        .sort(["errors", "warnings", column], descending=[True, True, False])
    )
    return [_count_document(row, column) for row in counts.iter_rows(named=True)]


def _count_document(row: dict[str, Any], column: str) -> dict[str, Any]:
    top = [[entry["rule"], entry["count"]] for entry in _sorted_top(row["top"])]
    return {"name": row[column], **{key: row[key] for key in ("errors", "warnings", "households")}, "top": top}


def _sorted_top(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entries, key=lambda entry: (-entry["count"], entry["rule"]))
