"""Sentences about notes of a trend: why one was not kept, and what was done with it."""

from __future__ import annotations

from dashboard.i18n import mark

STALE = "note_stale"
PROBLEMS: dict[str, str] = {
    "note_moment": mark(
        "There is no such point in time. Give a year from 1950 to 2100; a day needs its month, and that month must "
        "have it."
    ),
    "note_text": mark("The note has no text. Write what happened."),
    "note_long": mark("A text is too long: 600 letters for the note, 300 for the source and for the reason."),
    "note_control": mark("A text holds an invisible control character. Type it anew instead of pasting it."),
    "note_stage": mark("Choose one of the stages, or all of them."),
    "note_reason": mark("Say why the note should not stand any more."),
    "note_author": mark("Your account has no name that could stand beside the note. Ask an administrator."),
    "note_withdrawn": mark("This note was withdrawn. Pin a new one if it should stand."),
    STALE: mark(
        "Somebody changed or withdrew this note after you opened it. What they did stands, and under “Changes and "
        "withdrawals” who did it. Yours is not stored: it is in the form; look at theirs, and save again if you differ."
    ),
}
DONE: dict[str, str] = {
    "pinned": mark("The note is pinned."),
    "twice": mark("This very note was pinned already; it stands once."),
    "changed": mark("The note is changed; the earlier version stays under “Changes and withdrawals”."),
    "same": mark("Nothing was changed."),
    "withdrawn": mark("The note is withdrawn; it stays under “Changes and withdrawals”."),
}
