"""Answers of an export into codes and numbers, column by column and block by block.

Labels in any language of the form become the codes of its list; 0/1 columns of a question with several answers become
its one text of codes. What cannot be read is reported with its rows; numbers are then missing, codes are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from budget_model.survey.questions import Choice, Form, Question
from data.readers.findings import Findings

NOT_ANSWERED = ("", "n/a")  # Ona writes n/a where nothing was answered
TRUE, FALSE = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no")
MOST = 2.0**53  # whole numbers beyond are no longer told apart
DATES = re.compile(r"\d{4}-\d{2}-\d{2}.*")
BETWEEN = r"[\s,;|]+"
UNTOLD = "_untold/"  # before a question: the codes of which a row's 0/1 columns do not say whether they were chosen


@dataclass(frozen=True)
class Source:
    """Where a column stands, for the messages."""

    file: str
    sheet: str | None
    column: str

    @property
    def place(self) -> tuple[str, str | None, str | None]:
        return self.file, self.sheet, self.column


@dataclass
class ListReader:
    """Reads answers of one list of choices; remembers what each distinct text meant."""

    choices: Sequence[Choice]
    also: tuple[str, ...] = ()  # codes that the form adds by itself, such as other
    known: dict[str, str | None] = field(default_factory=dict)
    by_label: set[str] = field(default_factory=set)  # languages whose labels were met

    def __post_init__(self) -> None:
        self.codes = {choice.name: place for place, choice in enumerate(self.choices)}
        self.codes |= {code: len(self.codes) + place for place, code in enumerate(self.also) if code not in self.codes}
        self.labels: dict[str, dict[str, set[str]]] = {}
        for choice in self.choices:
            for language, label in choice.labels.items():
                self.labels.setdefault(" ".join(label.split()), {}).setdefault(choice.name, set()).add(language)
        shown = sorted((re.escape(text) for text in self.labels if text), key=len, reverse=True)
        self.sequence = re.compile(f"({'|'.join(shown)})(?:{BETWEEN}|$)") if shown else None

    def code(self, text: str) -> str | None:
        """The code of one answer, given as code or label; None where the list has neither."""
        if text in self.codes:
            return text
        meant = self.labels.get(" ".join(text.split()), {})
        if len(meant) == 1:
            code, languages = next(iter(meant.items()))
            self.by_label |= languages if len(languages) == 1 else {""}
            return code
        whole = re.sub(r"\.0+$", "", text)  # codes that went through a table of floats
        return whole if whole in self.codes else None

    def several(self, text: str) -> str | None:
        """Codes of several answers in the order of the list; None where one of them is not of the list."""
        codes = [self.code(part) for part in text.split()]
        if None in codes:
            codes = self._labels_in(text)
        if not codes or None in codes:
            return None
        return " ".join(sorted({code for code in codes if code}, key=lambda code: self.codes[code]))

    def _labels_in(self, text: str) -> list[str | None]:
        """Labels that follow one another, parted by blanks, commas or semicolons."""
        plain, place, codes = " ".join(text.split()), 0, []
        while self.sequence and place < len(plain):
            match = self.sequence.match(plain, place)
            if match is None:
                return []
            codes.append(self.code(match[1]))
            place = match.end()
        return codes


class AnswerReader:
    """Converts the columns of one form; one object for all files, so that lists are prepared once."""

    def __init__(self, form: Form, findings: Findings):
        self.form, self.findings = form, findings
        self.lists: dict[str, ListReader] = {}
        self.label_columns: dict[tuple[str, str | None, str | None], tuple[int, set[str]]] = {}

    def list_of(self, question: Question) -> ListReader:
        name = f"{question.list_name}{' other' if question.has_other else ''}"
        if name not in self.lists:
            also = ("other",) if question.has_other else ()
            self.lists[name] = ListReader(self.form.choices(question), also)
        return self.lists[name]

    def read(self, question: Question, values: pl.Series, lines: pl.Series, source: Source) -> pl.Series:
        """Text as exported -> codes (categories), whole numbers, decimals or text; missing where not answered."""
        values = self._answered(question, values)
        if question.is_select and self.form.choices(question):
            return self._coded(question, values, lines, source)
        if question.kind in ("integer", "decimal"):
            return self._number(question, values, lines, source)
        if question.kind in ("date", "datetime"):
            self._dates(values, lines, source)
        return values

    def _answered(self, question: Question, values: pl.Series) -> pl.Series:
        codes = {choice.name for choice in self.form.choices(question)}
        blank = [text for text in NOT_ANSWERED if text not in codes]
        return blanked(values, values.is_in(blank))

    def _coded(self, question: Question, values: pl.Series, lines: pl.Series, source: Source) -> pl.Series:
        reader = self.list_of(question)
        reader.by_label = set()
        read = reader.code if question.kind == "select_one" else reader.several
        meaning = {text: read(text) for text in values.drop_nulls().unique().to_list()}
        unknown = [text for text, code in meaning.items() if code is None]
        if unknown:
            self._unknown(question, values, lines, source, unknown)
        if reader.by_label:
            self._note_labels(source, int(lines[0]), reader.by_label)
        if any(text != code for text, code in meaning.items() if code is not None):
            told = {text: code for text, code in meaning.items() if code is not None}
            values = values.replace(told)
        return values.cast(pl.Categorical) if question.kind == "select_one" else values

    def _unknown(
        self, question: Question, values: pl.Series, lines: pl.Series, source: Source, unknown: Sequence[str]
    ) -> None:
        wrong = values.is_in(unknown)
        shown = ", ".join(f"{choice.name} ({_shown(choice)})" for choice in self.form.choices(question)[:8])
        languages = ", ".join(f"'{language or 'default'}'" for language in self.form.languages)
        self.findings.add(
            "code_unknown",
            source.place,
            lines.filter(wrong),
            values.filter(wrong).unique(maintain_order=True),
            f"Answers that are neither codes nor labels (in {languages}) of list '{question.list_name}'",
            f"The list has {shown}. Export again with codes (XML values), or with labels of a language of the form.",
            level="warning",
            out_of=len(values) - values.null_count(),
        )

    def _note_labels(self, source: Source, line: int, languages: Iterable[str]) -> None:
        first, met = self.label_columns.get(source.place, (line, set()))
        self.label_columns[source.place] = (first, met | set(languages))

    def _number(self, question: Question, values: pl.Series, lines: pl.Series, source: Source) -> pl.Series:
        numbers = values.cast(pl.Float64, strict=False)
        is_wrong = values.is_not_null() & (numbers.is_null() | numbers.is_nan() | numbers.is_infinite())
        if question.kind == "integer":
            is_wrong = is_wrong | (numbers.is_not_null() & ((numbers != numbers.round(0)) | (numbers.abs() > MOST)))
        kind = "whole number" if question.kind == "integer" else "number"
        self.findings.add(
            "type_wrong",
            source.place,
            lines.filter(is_wrong.fill_null(False)),
            values.filter(is_wrong.fill_null(False)).unique(maintain_order=True),
            f"Answers that are no {kind}s, as question '{question.name}' asks for",
            f"Write a {kind} with a point for decimals, or leave the cell empty. Such answers count as missing.",
        )
        numbers = blanked(numbers, is_wrong.fill_null(False))
        return numbers.cast(pl.Int64, strict=False) if question.kind == "integer" else numbers

    def _dates(self, values: pl.Series, lines: pl.Series, source: Source) -> None:
        wrong = (~values.str.contains(f"^{DATES.pattern}$")).fill_null(False)
        self.findings.add(
            "type_wrong",
            source.place,
            lines.filter(wrong),
            values.filter(wrong).unique(maintain_order=True),
            "Answers that are no dates",
            "Write dates as 2026-11-23. They are kept as text.",
            level="warning",
        )

    def from_options(
        self, question: Question, columns: Mapping[str, pl.Series], lines: pl.Series, source: Source
    ) -> pl.DataFrame:
        """0/1 columns of a question with several answers -> `answer`, its text of codes (missing where all are
        missing), and `untold`, the codes of which nothing is known in an answered row: they have no column, or an empty
        cell. Where a table never writes 0, an empty cell beside a 1 is one."""
        frame = pl.DataFrame({code: self._flag(values, lines, source) for code, values in columns.items()})
        order = sorted(frame.columns, key=lambda code: self.list_of(question).codes.get(code, 0))
        is_answered = pl.any_horizontal(pl.col(code).is_not_null() for code in order)
        chosen = [pl.when(pl.col(code)).then(pl.lit(code)) for code in order]
        writes_zero = any((~frame[code]).any() for code in order)
        untold = [pl.when(pl.col(code).is_null()).then(pl.lit(code)) for code in order if writes_zero]
        untold += [pl.lit(code) for code in self.list_of(question).codes if code not in columns]
        told = frame.select(
            pl.when(is_answered).then(_joined_codes(chosen)).alias("answer"),
            pl.when(is_answered & (_joined_codes(untold) != "")).then(_joined_codes(untold)).alias("untold"),
        )
        self._empty_cells(frame.select(order), is_answered, writes_zero, lines, source)
        return told

    def _empty_cells(
        self, frame: pl.DataFrame, is_answered: pl.Expr, writes_zero: bool, lines: pl.Series, source: Source
    ) -> None:
        if not writes_zero:
            return
        gaps = frame.select(is_answered & pl.any_horizontal(pl.all().is_null())).to_series()
        empty = frame.filter(gaps)
        self.findings.add(
            "option_empty",
            source.place,
            lines.filter(gaps),
            [code for code in empty.columns if empty[code].null_count()],
            "Options have an empty cell where others of the same question have 0 or 1",
            "They count as not known, not as 0. Write 0 where the option was asked and not chosen.",
            level="warning",
        )

    def _flag(self, values: pl.Series, lines: pl.Series, source: Source) -> pl.Series:
        lower = values.str.to_lowercase()
        is_wrong = ~lower.is_in([*TRUE, *FALSE, *NOT_ANSWERED]) & lower.is_not_null()
        self.findings.add(
            "type_wrong",
            source.place,
            lines.filter(is_wrong),
            values.filter(is_wrong).unique(maintain_order=True),
            "Options that are neither 0 nor 1",
            "Write 1 where the option was chosen and 0 where not.",
        )
        return blanked(lower.is_in(TRUE), ~lower.is_in([*TRUE, *FALSE]))

    def compare_styles(
        self, text: pl.Series, options: pl.Series, untold: pl.Series, lines: pl.Series, source: Source
    ) -> None:
        """Several answers as text and as 0/1 columns must tell the same, as far as the columns go."""
        both = pl.DataFrame({"text": text, "options": options, "untold": untold.fill_null("")})
        codes = {name: pl.col(name).str.split(" ") for name in both.columns}
        told = codes["text"].list.set_difference(codes["untold"]).list.sort().list.join(" ")
        differs = both.select((told != codes["options"].list.sort().list.join(" ")).fill_null(False)).to_series()
        self.findings.add(
            "options_disagree",
            source.place,
            lines.filter(differs),
            text.filter(differs).unique(maintain_order=True),
            "The answer as text and its 0/1 columns tell different things",
            "The text is used. Find out which of the two was changed by hand.",
            level="warning",
        )

    def tell_labels(self) -> None:
        """One note for each file and sheet: which languages' labels were read as codes."""
        grouped: dict[tuple[str, str | None], tuple[list[int], list[str], set[str]]] = {}
        for (file, sheet, column), (line, languages) in self.label_columns.items():
            lines, columns, met = grouped.setdefault((file, sheet), ([], [], set()))
            lines.append(line)
            columns.append(column or "")
            met |= languages
        for (file, sheet), (lines, columns, met) in grouped.items():
            self._tell_labels(file, sheet, lines, columns, met)

    def _tell_labels(self, file: str, sheet: str | None, lines: list[int], columns: list[str], met: set[str]) -> None:
        named = sorted(language for language in met if language)
        mixed = len(named) > 1
        words = " and ".join(f"'{language}'" for language in named) or "the form's only language"
        self.findings.add(
            "labels_mixed" if mixed else "labels_read",
            (file, sheet, columns[0]),
            lines[:1],
            columns,
            f"Answers of {len(columns):,} columns are labels in {words}; they were read as the codes of the form",
            "Export with codes (XML values) to be independent of wording."
            + (" Two languages in one export mean that files were mixed." if mixed else ""),
            level="warning",
        )


def _joined_codes(codes: Sequence[pl.Expr]) -> pl.Expr:
    return pl.concat_str(codes, separator=" ", ignore_nulls=True) if codes else pl.lit("")


def blanked(values: pl.Series, where: pl.Series) -> pl.Series:
    """The values, missing where the mask says so."""
    return pl.select(pl.when(where).then(None).otherwise(values).alias(values.name)).to_series()


def _shown(choice: Choice) -> str:
    return next((text for text in choice.labels.values() if text), choice.name)
