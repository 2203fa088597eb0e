"""Notes of a trend -> numbers of the marks, points in time in words, rows of tables. No Dash."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_skeleton

from budget_model.spending.notes import Moment
from dashboard.context import PageContext
from dashboard.figures.time_marks import TimeMark
from dashboard.services.budget_notes import NoteBoard, ShownNote
from dashboard.views.budget import stage_names
from data.store.audit import COMMAND_LINE
from data.store.budget_notes import WITHDRAWN, NoteVersion
from data.writers.tables import Table


@dataclass(frozen=True)
class NumberedNote:
    """A note with the number of its mark; None where the chart has no place for it."""

    number: int | None
    shown: ShownNote


def numbered(board: NoteBoard, years: Sequence[int], stage: str) -> list[NumberedNote]:
    """Notes of this stage and of all stages, in the order of time; the chart has marks of those in its years."""
    return numbered_notes(board.notes, years, stage)


def numbered_notes(notes: Sequence[ShownNote], years: Sequence[int], stage: str) -> list[NumberedNote]:
    """As `numbered`, of notes in the order of time."""
    found, number = [], 0
    for one in notes:
        note = one.newest.note
        if note.stage in (None, stage):
            is_marked = note.moment.year in years
            number += is_marked
            found.append(NumberedNote(number if is_marked else None, one))
    return found


def other_stages(board: NoteBoard, stage: str) -> dict[str, int]:
    """Stage -> number of notes that are about it and not about the one that is shown."""
    found: dict[str, int] = {}
    for one in board.notes:
        other = one.newest.note.stage
        if other is not None and other != stage:
            found[other] = found.get(other, 0) + 1
    return found


def time_marks(notes: Sequence[NumberedNote], years: Sequence[int], context: PageContext) -> list[TimeMark]:
    """A mark a point in time; notes of the same point share one (`2–3`)."""
    marked = [one for one in notes if one.number is not None]
    found = []
    for place, group in itertools.groupby(marked, key=lambda one: place_of(one.shown.newest.note.moment, years)):
        own = list(group)
        numbers = [one.number for one in own]
        label = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"
        found.append(TimeMark(place, label, [f"{one.number}. {note_sentence(one.shown, context)}" for one in own]))
    return found


def place_of(moment: Moment, years: Sequence[int]) -> float:
    """Where on an axis of years (0 is the first): a year at its point, a month or a day as far from it as from July."""
    return round(years.index(moment.year) + moment.share_of_year - 0.5, 4)


def note_sentence(one: ShownNote, context: PageContext) -> str:
    note = one.newest.note
    return f"{moment_text(note.moment, context)}: {note.text}"


def moment_text(moment: Moment, context: PageContext) -> str:
    """`2023`, `mayo de 2023`, `14 de mayo de 2023`."""
    if moment.month is None:
        return str(moment.year)
    day = date(moment.year, moment.month, moment.day or 1)
    if moment.day is None:
        return str(format_skeleton("yMMMM", day, locale=context.formats.locale))
    return context.formats.date(day)


def numbers_of_year(notes: Sequence[NumberedNote], year: int) -> str:
    """Numbers of the marks of a year, for the table of the chart."""
    found = [str(one.number) for one in notes if one.number is not None and one.shown.newest.note.moment.year == year]
    return ", ".join(found) or "–"


def marks_sentence(notes: Sequence[NumberedNote], context: PageContext) -> str:
    """That the chart has marks, and what they are; empty where it has none."""
    number = sum(one.number is not None for one in notes)
    if not number:
        return ""
    return context.ngettext(
        "{number} note is marked in the chart and stands below.",
        "{number} notes are marked in the chart and stand below.",
        number,
        number=number,
    )


def said_by(one: NoteVersion, context: PageContext) -> str:
    return f"{one.author}, {context.formats.date(one.saved_at.date())}"


def history(board: NoteBoard) -> list[tuple[ShownNote, NoteVersion]]:
    """All versions of notes that were changed or withdrawn, the newest first."""
    changed = [one for one in (*board.notes, *board.withdrawn) if len(one.versions) > 1]
    rows = [(one, version) for one in changed for version in one.versions]
    return sorted(rows, key=lambda row: row[1].saved_at, reverse=True)


def history_header(context: PageContext) -> list[str]:
    _ = context.gettext
    return [
        _("Number of the note"),
        _("Version"),
        _("State"),
        _("Point in time"),
        _("Stage"),
        _("Text"),
        _("Source"),
        _("Reason"),
        _("Saved by"),
        _("When (UTC)"),
    ]


def history_rows(board: NoteBoard, context: PageContext) -> list[list[str]]:
    _ = context.gettext
    return [
        [
            str(shown.id),
            str(one.version),
            state_text(one, context),
            moment_text(one.note.moment, context),
            stage_text(one, context),
            one.note.text,
            one.note.source or "–",
            one.reason or "–",
            _("command line") if one.saved_by == COMMAND_LINE else one.saved_by,
            context.formats.moment(one.saved_at),
        ]
        for shown, one in history(board)
    ]


def state_text(one: NoteVersion, context: PageContext) -> str:
    _ = context.gettext
    return _("Withdrawn") if one.state == WITHDRAWN else _("Stands")


def stage_text(one: NoteVersion, context: PageContext) -> str:
    return context.gettext("all stages") if one.note.stage is None else stage_names(context)[one.note.stage]


def notes_table(board: NoteBoard, years: Sequence[int], stage: str, context: PageContext) -> Table:
    """For files: all notes that stand, of every stage; a number where the chart of the page has a mark."""
    _ = context.gettext
    numbers = {one.shown.id: one.number for one in numbered(board, years, stage)}
    header = (
        _("Mark"),
        _("Number of the note"),
        _("Point in time"),
        _("Stage"),
        _("Text"),
        _("Source"),
        _("Author"),
        _("Version"),
        _("When (UTC)"),
    )
    rows = [
        (
            numbers.get(one.id),
            one.id,
            str(one.newest.note.moment),
            stage_text(one.newest, context),
            one.newest.note.text,
            one.newest.note.source,
            one.newest.author,
            one.newest.version,
            one.newest.saved_at.isoformat(timespec="minutes"),
        )
        for one in board.notes
    ]
    return Table(_("Notes pinned in time"), header, rows)
