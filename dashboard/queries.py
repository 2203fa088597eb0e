"""What the address of a file may ask for: what a file does not know is refused, never passed over.

Somebody who writes `?sector=S1` where the file knows `area` would else take the whole site's figures for a sector's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashboard.context import PageContext
from dashboard.shown_errors import ToldError


def check_query(sent: Mapping[str, list[str]], known: Iterable[str], context: PageContext) -> None:
    """`sent`: names and their values, as often as they stand in the address.

    Raises
    ------
    ToldError : a name is not known, or stands more than once.
    """
    _, names = context.gettext, sorted(known)
    sentences = [unknown(name, names, context) for name in sent if name not in names]
    twice = _("“{name}” stands more than once in the address. Keep one.")
    sentences += [twice.format(name=name[:40]) for name, values in sent.items() if len(values) > 1]
    if sentences:
        raise ToldError(sentences)


def unknown(name: str, known: list[str], context: PageContext) -> str:
    _ = context.gettext
    if not known:
        return _("This file takes nothing in its address; “{name}” was found there. Leave it out.", name=name[:40])
    return _(
        "This file does not take “{name}” in its address. It takes: {known}. Correct the address.",
        name=name[:40],
        known=", ".join(known),
    )


def unknown_choice(name: str, value: str, known: Iterable[str], context: PageContext) -> ToldError:
    """A value that the choice `name` does not have."""
    sentence = context.gettext(
        "“{value}” is no choice of “{name}” here. There is: {known}.",
        value=value[:40],
        name=name,
        known=", ".join(known) or "–",
    )
    return ToldError([sentence])
