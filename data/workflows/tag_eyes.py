"""Four eyes over a tag's whole history: whose content it is, who reviewed it, and who may not take the last step alone.

The author of the newest version takes neither step; whoever goes back to an earlier version is the author of the new
one, and stands beside those who wrote what comes back. Others who wrote part of what it says may take one of the two
and not both: else somebody could let another person re-word a proposal and then pass it alone. Where nobody's name
stands for the content (it was proposed on the command line), review and approval are two people's for the same reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from budget_model.spending.tags import changed_fields
from data.store.audit import COMMAND_LINE
from data.store.tags import REVIEWED

RETURNED = "returned"  # beside the facets: who took the whole back


class Version(Protocol):
    """What is asked of a version."""

    @property
    def version(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def content(self) -> Mapping[str, object]: ...
    @property
    def restored_version(self) -> int | None: ...


def writers_of(versions: Sequence[Version]) -> frozenset[str]:
    """Who gave each facet of the newest version its value, took it away, or went back to it.

    versions : from the first to the newest
    """
    wrote: dict[int, dict[str, str]] = {}
    content: Mapping[str, object] = {}
    latest: dict[str, str] = {}
    for one in versions:
        if one.restored_version is not None:
            latest = wrote[one.restored_version] | {RETURNED: one.actor}
        else:
            latest = latest | dict.fromkeys(changed_fields(content, one.content), one.actor)
        wrote[one.version], content = latest, one.content
    return frozenset(latest.values())


def reviewer_of(versions: Sequence[Version]) -> str | None:
    """Who reviewed the newest version, None where it is not reviewed.

    Returns of earlier times kept the state, so that the review may stand before them.
    """
    by_number = {one.version: one for one in versions}
    newest = versions[-1]
    if newest.state != REVIEWED:
        return None
    while newest.restored_version is not None:
        newest = by_number[newest.restored_version]
    return newest.actor


def needs_another(versions: Sequence[Version], actor: str) -> bool:
    """Whether the approval is another person's because this one reviewed what she wrote in part, or nobody else did."""
    if reviewer_of(versions) != actor:
        return False
    return versions[-1].author == COMMAND_LINE or actor in writers_of(versions)
