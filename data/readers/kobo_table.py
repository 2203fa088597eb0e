"""One sheet or file of an export into parts: rows of one level, wherever in the table they stand.

A part is a block's rows of one level with the keys by which levels are joined. Rows may stand for themselves, side by
side (`members[1]/…`), or with the household's answers repeated on each person (flat).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from budget_model.survey.questions import Form, Question
from data.readers.kobo_answers import UNTOLD, AnswerReader, Source
from data.readers.kobo_columns import VERSIONS, Target, is_service
from data.readers.tabular import LINE, TextTable

Level = tuple[str, ...]
KEYS = (
    "key",
    "meta/instanceid",
    "meta-instanceid",
    "meta.instanceid",
    "instanceid",
    "_uuid",
    "__id",
    "_id",
)  # the first that is filled counts
PARENT_KEYS = ("parent_key", "_submission__uuid", "__submissions-id", "_submission__id")
INDEXES = ("_index", "index")


@dataclass
class Part:
    """Rows of one level out of one block. Columns: answers, and `_key _uuid _index _parent_key _parent_index _line
    _file`, `_outer` (`_block_row` of the row of the same block to which they belong; missing where a key says it)."""

    level: Level
    frame: pl.DataFrame
    file: str
    sheet: str | None
    block: int
    is_flat: bool = False
    outer: Level | None = None  # the level of the same block in which `_outer` counts


@dataclass
class TablePlan:
    """Which level a table is of, and which of its columns are which questions."""

    form: Form
    table: TextTable
    level: Level
    targets: dict[str, Target]
    layout: str = "rows"
    rows: int = 0
    stray: tuple[str, ...] = field(default=())

    @property
    def unknown_columns(self) -> list[str]:
        sections = {section.name for section in self.form.sections}
        sections |= {f"{section.name}_count" for section in self.form.repeats}  # the tablet's own count of rows
        return [
            column
            for column in self.table.columns
            if (column not in self.targets or column in self.stray)
            and (column not in self.targets or not self.targets[column].is_part)
            and not column.startswith("(column ")
            and not is_service(column)
            and column.split("/")[-1].split(".")[-1] not in sections
        ]

    def settled(self, supplied: set[Level]) -> TablePlan:
        """The plan with its layout decided, now that it is known which levels have tables of their own."""
        deeper = {name: target for name, target in self.targets.items() if target.question.repeat != self.level}
        if not deeper:
            return self
        instances = [name for name, target in deeper.items() if target.instance or self._is_repeated(target)]
        if instances:
            self.layout = "wide"
            stray = [name for name in deeper if name not in instances]
            return self._without(stray)
        level = max({target.question.repeat for target in deeper.values()}, key=len)
        if self._is_flat(level, deeper, supplied):
            self.layout = "flat"
            return self._without([n for n, t in deeper.items() if t.question.repeat not in (level, ())])
        return self._without(list(deeper))

    def _is_repeated(self, target: Target) -> bool:
        """Short titles: the same question once more in a later column."""
        again = [
            t for t in self.targets.values() if t.question.path == target.question.path and t.option == target.option
        ]
        return len(again) > 1 and len(target.question.repeat) > len(self.level)

    def _is_flat(self, level: Level, deeper: Mapping[str, Target], supplied: set[Level]) -> bool:
        inner = [target for target in deeper.values() if target.question.repeat == level]
        if len(level) < len(self.level):  # answers of the household on the rows of its people
            return len(inner) >= 1 and not _has_parent(self.table) and () not in supplied
        if level in supplied:
            return False
        asked = [question for question in self.form.at(level) if question.is_answered]
        return any(target.is_full_path for target in inner) or 2 * len(inner) >= len(asked)

    def _without(self, stray: Sequence[str]) -> TablePlan:
        self.stray = (*self.stray, *stray)
        return self

    def used(self) -> dict[str, Target]:
        return {
            name: target
            for name, target in self.targets.items()
            if name not in self.stray and not target.is_part and target.question.is_answered
        }

    def options_without_column(self) -> Iterator[tuple[Question, tuple[str, ...]]]:
        """Questions whose answers stand in columns of their options only, and the options without one."""
        met: dict[tuple[tuple[str, ...], tuple[int, ...]], set[str | None]] = {}
        for target in self.used().values():
            met.setdefault((target.question.path, target.instance), set()).add(target.option)
        absent: dict[tuple[str, ...], set[str]] = {}
        for (path, _), options in met.items():
            if None not in options:
                absent.setdefault(path, set()).update(set(self._codes(path)) - options)
        for path, codes in absent.items():
            if codes:
                yield self._asked(path), tuple(code for code in self._codes(path) if code in codes)

    def _asked(self, path: tuple[str, ...]) -> Question:
        return next(target.question for target in self.targets.values() if target.question.path == path)

    def _codes(self, path: tuple[str, ...]) -> tuple[str, ...]:
        question = self._asked(path)
        codes = [choice.name for choice in self.form.choices(question)] + (["other"] if question.has_other else [])
        return tuple(dict.fromkeys(codes))


def _has_parent(table: TextTable) -> bool:
    return any(column.lower() in (*PARENT_KEYS, "_parent_index") for column in table.columns)


def read_parts(plan: TablePlan, answers: AnswerReader) -> Iterator[Part]:
    """All parts of a table, block after block."""
    used = plan.used()
    extra = set(plan.unknown_columns)
    wanted = [column for column in plan.table.columns if column in used or column in extra or is_service(column)]
    for number, block in enumerate(plan.table.blocks(wanted)):
        plan.rows += block.height
        if block.height:
            yield from _parts_of_block(plan, used, block, number, answers)


def _parts_of_block(
    plan: TablePlan, used: Mapping[str, Target], block: pl.DataFrame, number: int, answers: AnswerReader
) -> Iterator[Part]:
    keys = _keys(plan, block)
    if plan.layout == "flat":
        yield from _flat(plan, used, block, number, answers, keys)
        return
    own = {name: target for name, target in used.items() if target.question.repeat == plan.level}
    frame = keys.hstack(_answers(plan, own, block, answers))
    frame = frame.hstack(_extras(plan, block, frame.columns))
    yield Part(plan.level, frame, plan.table.file, plan.table.sheet, number)
    if plan.layout == "wide":
        yield from _wide(plan, used, block, number, answers, keys)


def _extras(plan: TablePlan, block: pl.DataFrame, taken: Sequence[str]) -> pl.DataFrame:
    """Columns that the form does not know, as they stand; blanks are missing."""
    names = [name for name in plan.unknown_columns if name not in taken]
    return block.select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in names)


def _keys(plan: TablePlan, block: pl.DataFrame) -> pl.DataFrame:
    """The keys of the rows: their own, their parent's, their line."""
    is_main = not plan.level
    own = _submission_key(block) if is_main or plan.layout == "flat" else _first_filled(block, ("key", "__id"))
    parent = None if is_main else _first_filled(block, PARENT_KEYS)
    parent_index = None if is_main else _first_filled(block, ("_parent_index",))
    if not is_main and parent is None and parent_index is None:
        own, parent = None, _first_filled(block, KEYS)  # people who carry the key of their household
    columns = {
        "_key": own,
        "_index": _first_filled(block, INDEXES),
        "_parent_key": parent,
        "_parent_index": parent_index,
        "_uuid": _first_filled(block, ("uuid",)) if is_main and own is None else None,
        "_version": _versions(block),
    }
    empty = pl.Series([None] * block.height, dtype=pl.String)
    frame = pl.DataFrame({name: empty if values is None else values for name, values in columns.items()})
    return frame.with_columns(
        block[LINE].alias("_line"),
        pl.lit(plan.table.file).cast(pl.Categorical).alias("_file"),
        pl.int_range(block.height).alias("_block_row"),
    )


def _submission_key(block: pl.DataFrame) -> pl.Series | None:
    """What tells submissions apart. A column `uuid` may be the tablet's: it counts only where no value comes twice."""
    key = _first_filled(block, KEYS)
    other = _first_filled(block, ("uuid",)) if key is None else None
    return other if other is not None and not other.drop_nulls().is_duplicated().any() else key


def _versions(block: pl.DataFrame) -> pl.Series | None:
    """Version of the form of each row; Kobo adds a column at some changes, of which one is filled."""
    names = [name for name in block.columns if _is_version(name.lower())]
    if not names:
        return None
    filled = [pl.when(~pl.col(name).is_in(["", "n/a"])).then(pl.col(name)) for name in names]
    return block.select(pl.coalesce(filled)).to_series()


def _is_version(name: str) -> bool:
    return name in VERSIONS[:-1] or name.startswith(("_version__", "__version__"))


def _first_filled(block: pl.DataFrame, names: Sequence[str]) -> pl.Series | None:
    """Of the columns with these names the first in which anything stands."""
    by_lower = {column.lower(): column for column in block.columns}
    for name in names:
        if name in by_lower:
            values = block[by_lower[name]]
            filled = values.is_in(["", "n/a"])
            if not filled.all():
                return pl.select(pl.when(filled).then(None).otherwise(values)).to_series()
    return None


def _answers(plan: TablePlan, used: Mapping[str, Target], block: pl.DataFrame, answers: AnswerReader) -> pl.DataFrame:
    """A column for each question of these targets, whatever the number of its columns in the file."""
    by_question: dict[tuple[str, ...], list[tuple[str, Target]]] = {}
    for column, target in used.items():
        by_question.setdefault(target.question.path, []).append((column, target))
    read: dict[str, pl.Series] = {}
    for columns in by_question.values():
        name = name_in_level(plan.form, columns[0][1].question)
        read[name], untold = _one_answer(plan, columns, block, answers)
        if untold is not None and untold.null_count() < block.height:
            read[f"{UNTOLD}{name}"] = untold
    return pl.DataFrame(read)


def _one_answer(
    plan: TablePlan, columns: Sequence[tuple[str, Target]], block: pl.DataFrame, answers: AnswerReader
) -> tuple[pl.Series, pl.Series | None]:
    """The answer, and the options of which the columns tell nothing; a text of codes tells of all options."""
    question, lines = columns[0][1].question, block[LINE]
    whole = [column for column, target in columns if target.option is None]
    options = {target.option: block[column] for column, target in columns if target.option is not None}
    source = Source(plan.table.file, plan.table.sheet, whole[0] if whole else columns[0][0])
    text = answers.read(question, _coalesced(block, whole), lines, source) if whole else None
    if not options:
        return text if text is not None else pl.Series([None] * block.height, dtype=pl.String), None
    flags = answers.from_options(question, options, lines, source)
    if text is None:
        return flags["answer"], flags["untold"]
    answers.compare_styles(text, flags["answer"], flags["untold"], lines, source)
    return (text, None) if text.null_count() < block.height else (flags["answer"], flags["untold"])


def _coalesced(block: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """A question that has several columns (versions of a form) is answered in the first that says anything."""
    if len(columns) == 1:
        return block[columns[0]]
    filled = [pl.when(pl.col(column) != "").then(pl.col(column)) for column in columns]
    return block.select(pl.coalesce(*filled, pl.lit("")).alias(columns[0])).to_series()


def name_in_level(form: Form, question: Question) -> str:
    """The name of a question's column: its own, or its path where its level has the name twice."""
    twins = [other for other in form.by_name[question.name] if other.repeat == question.repeat and other.is_answered]
    if len({other.path for other in twins}) == 1:
        return question.name
    return "/".join(question.path[len(question.repeat) :])


def _flat(
    plan: TablePlan,
    used: Mapping[str, Target],
    block: pl.DataFrame,
    number: int,
    answers: AnswerReader,
    keys: pl.DataFrame,
) -> Iterator[Part]:
    """A row a person with the household's answers on each: the households are the distinct ones."""
    level = max((target.question.repeat for target in used.values()), key=len)
    outer = {name: target for name, target in used.items() if target.question.repeat == ()}
    inner = {name: target for name, target in used.items() if target.question.repeat == level}
    main = keys.hstack(_answers(plan, outer, block, answers))
    main = main.hstack(_extras(plan, block, main.columns))
    if main["_key"].null_count() == main.height:  # no key: households are told apart by all their answers
        by_hand = block.select(pl.concat_str([pl.col(n) for n in outer], separator="\x1f").alias("_key")).to_series()
        main = main.with_columns(by_hand)
    main = main.with_columns(pl.lit(None, pl.String).alias("_index"))
    yield Part((), main, plan.table.file, plan.table.sheet, number, is_flat=True)
    people = keys.with_columns(main["_key"].alias("_parent_key"), pl.lit(None, pl.String).alias("_key"))
    people = people.with_columns(pl.lit(None, pl.String).alias("_index"), pl.lit(None, pl.String).alias("_version"))
    yield Part(level, people.hstack(_answers(plan, inner, block, answers)), plan.table.file, plan.table.sheet, number)


def _wide(
    plan: TablePlan,
    used: Mapping[str, Target],
    block: pl.DataFrame,
    number: int,
    answers: AnswerReader,
    keys: pl.DataFrame,
) -> Iterator[Part]:
    """Columns `members[1]/age`, `members[2]/age` …: one part a place in the repeat, rows without answers left out."""
    groups: dict[tuple[Level, tuple[int, ...]], dict[str, Target]] = {}
    met: dict[tuple[tuple[str, ...], str | None], int] = {}
    for column, target in used.items():
        question = target.question
        if question.repeat == plan.level:
            continue
        place = met[(question.path, target.option)] = met.get((question.path, target.option), 0) + 1
        groups.setdefault((question.repeat, target.instance or (place,)), {})[column] = target
    for (level, instance), columns in sorted(groups.items(), key=lambda item: (len(item[0][0]), item[0])):
        frame = _answers(plan, columns, block, answers)
        says = pl.any_horizontal(pl.col(name).is_not_null() for name in frame.columns)
        own = keys.with_columns(
            pl.lit(None, pl.String).alias("_version"),
            pl.lit(None, pl.String).alias("_index"),
            pl.col("_block_row").cast(pl.String).alias("_outer"),
            pl.lit("/".join(map(str, instance))).alias("_instance"),
        )
        rows = own.hstack(frame).filter(frame.select(says).to_series())
        yield Part(level, rows, plan.table.file, plan.table.sheet, number, outer=plan.level)
