"""What the focus groups page shows: needs with priorities beside them, agreement in words, sessions, the mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from budget_model.needs.focus_groups import (
    GROUPS,
    LEAST_PARTICIPANTS,
    GroupPriorities,
    agreement_word,
    ranks_of,
)
from dashboard.context import PageContext
from dashboard.figures.dumbbell import Dot, Row
from dashboard.i18n import MISSING
from dashboard.services.focus_groups import FocusBoard, NeedInfo, SessionInfo, SurveyNeed
from dashboard.views.focus_words import (
    AGE_BANDS,
    AGREEMENT,
    BETWEEN_GROUPS,
    COMPOSITIONS,
    FIRST,
    METHODS,
    PAIRS,
    TOO_FEW,
    TOOK_PART,
    WEIGHTINGS,
)
from dashboard.views.words import GROUPS as GROUP_NAMES
from dashboard.views.words import round_sources

SEX_NAMES = {"female": GROUP_NAMES["women"], "male": GROUP_NAMES["men"]}
MOST_ROWS_IN_CHART = 15


@dataclass(frozen=True)
class FocusView:
    """The results in the reader's language."""

    finding: str
    chart_rows: tuple[Row, ...]
    header: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    agreement: tuple[tuple[str, ...], ...]
    mix: str
    mix_author: str
    weights: tuple[tuple[str, ...], ...]
    sources: tuple[str, ...]
    hidden: tuple[str, ...]  # what is not shown, and why


def focus_view(board: FocusBoard, context: PageContext) -> FocusView:
    """Needs that a session put on the table first, by the sum of the shares; then the others by persons."""
    needs = sorted(board.needs, key=lambda need: _order(need, board))
    return FocusView(
        finding=finding_sentence(board, context),
        chart_rows=chart_rows(needs, board, context),
        header=table_header(context),
        table=tuple(table_row(need, board, context) for need in needs if _is_known(need, board)),
        agreement=agreement_rows(board, context),
        mix=mix_sentence(board, context),
        mix_author=mix_author(board, context),
        weights=weight_rows(needs, board, context),
        sources=sources(board, context),
        hidden=hidden_sentences(board, context),
    )


def _share(board: FocusBoard, group: str, need: str) -> float | None:
    found = board.priorities.get(group)
    return found.shares.get(need) if found else None


def _order(need: NeedInfo, board: FocusBoard) -> tuple[float, float, str]:
    said = sum(_share(board, group, need.code) or 0.0 for group in GROUPS)
    persons = sum(found.persons for group in GROUPS if (found := board.survey[group].get(need.code)))
    return (-said, -persons, need.code)


def _is_known(need: NeedInfo, board: FocusBoard) -> bool:
    return any(need.code in board.survey[group] or _share(board, group, need.code) is not None for group in GROUPS)


def need_names(board: FocusBoard, context: PageContext) -> dict[str, str]:
    return {need.code: context.in_language(need.label) for need in board.needs}


# ---- words -----------------------------------------------------------------------------------------------------------


def finding_sentence(board: FocusBoard, context: PageContext) -> str:
    """What each group put first, and how far their orders go together."""
    _ = context.gettext
    names = need_names(board, context)
    said = []
    for group in GROUPS:
        found = board.priorities.get(group)
        if found:
            best = max(found.shares, key=lambda need: (found.shares[need], need))
            share = context.formats.share(found.shares[best])
            said.append(_(FIRST[group], need=names.get(best, best), share=share))
    if "women_men" in board.agreements:
        said.append(_(BETWEEN_GROUPS[agreement_word(board.agreements["women_men"])]))
    return " ".join(said) or _("No focus group has been entered yet, so there are no priorities to show.")


def hidden_sentences(board: FocusBoard, context: PageContext) -> tuple[str, ...]:
    """Which groups have no priorities, and from how many participants on they have."""
    if not board.sessions:
        return ()
    least = context.formats.number(LEAST_PARTICIPANTS)
    lacking = [group for group in GROUPS if board.priorities.get(group) is None]
    return tuple(context.gettext(TOO_FEW[group], least=least) for group in lacking)


def agreement_rows(board: FocusBoard, context: PageContext) -> tuple[tuple[str, ...], ...]:
    formats = context.formats
    return tuple(
        (
            context.gettext(PAIRS[pair]),
            formats.signed(found.spearman, 2),
            formats.signed(found.kendall, 2),
            formats.number(found.n),
            context.gettext(AGREEMENT[agreement_word(found)]),
        )
        for pair, found in board.agreements.items()
    )


def mix_sentence(board: FocusBoard, context: PageContext) -> str:
    _ = context.gettext
    share = board.mix.focus_share
    if not share:
        return _("The model's weights come from the survey alone: every person who lacks something counts the same.")
    return _(
        "The model's weights come {focus} from the focus groups and {survey} from the survey. {weighting}.",
        focus=context.formats.share(share, 0),
        survey=context.formats.share(1 - share, 0),
        weighting=_(WEIGHTINGS[board.mix.weighting]),
    )


def mix_author(board: FocusBoard, context: PageContext) -> str:
    """Who set the mix, when and why; empty where nobody has."""
    mix = board.mix
    if mix.set_at is None:
        return ""
    day = context.formats.date(mix.set_at.date())
    return context.gettext("Set by {author} on {day}: {reason}", author=mix.set_by, day=day, reason=mix.reason)


def weight_rows(needs: Sequence[NeedInfo], board: FocusBoard, context: PageContext) -> tuple[tuple[str, ...], ...]:
    """Weight of each need of the latest round in the model; nothing while all are 1."""
    if not board.mix.focus_share:
        return ()
    number = context.formats.number
    return tuple(
        (context.in_language(need.label), *(number(board.weights[group][need.code], 2) for group in GROUPS))
        for need in needs
        if need.code in board.weights["women"]
    )


def sources(board: FocusBoard, context: PageContext) -> tuple[str, ...]:
    _ = context.gettext
    number = context.formats.number
    parts = [
        _(TOOK_PART[group], sessions=number(found.sessions), persons=number(found.participants))
        for group in GROUPS
        if (found := board.priorities.get(group))
    ]
    if any(session.is_synthetic for session in board.sessions):
        parts.append(_("synthetic sessions: no real people"))
    return (*parts, *(round_sources(board.survey_round, context) if board.survey_round else ()))


# ---- needs with priorities -------------------------------------------------------------------------------------------


def table_header(context: PageContext) -> tuple[str, ...]:
    _ = context.gettext
    return (
        _("Need"),
        _("Women, persons"),
        _("Rank, survey"),
        _("Women, priority"),
        _("Rank, groups"),
        _("Men, persons"),
        _("Rank, survey"),
        _("Men, priority"),
        _("Rank, groups"),
    )


def table_row(need: NeedInfo, board: FocusBoard, context: PageContext) -> tuple[str, ...]:
    cells = [context.in_language(need.label)]
    for group in GROUPS:
        found = board.survey[group].get(need.code)
        cells += [persons_cell(found, context), rank_cell(found.rank if found else None, context)]
        cells += priority_cells(board.priorities.get(group), need.code, context)
    return tuple(cells)


def persons_cell(found: SurveyNeed | None, context: PageContext) -> str:
    """`1,234 (1,100–1,370)`, without brackets for a full count."""
    number = context.formats.number
    if found is None:
        return MISSING
    if found.low is None or found.high is None:
        return number(found.persons)
    return f"{number(found.persons)} ({number(found.low)}–{number(found.high)})"


def rank_cell(rank: float | None, context: PageContext) -> str:
    """Ties share a place: `2.5`."""
    return context.formats.number(rank, 0 if rank is None or rank == int(rank) else 1)


def priority_cells(found: GroupPriorities | None, need: str, context: PageContext) -> list[str]:
    """Share and rank of a need; dashes where it was not on the table."""
    if found is None or need not in found.shares:
        return [MISSING, MISSING]
    return [context.formats.share(found.shares[need]), rank_cell(ranks_of(found.shares)[need], context)]


Priorities = Mapping[str, GroupPriorities | None]


def priority_header(priorities: Priorities, context: PageContext) -> tuple[str, ...]:
    """Headers of the columns that the Needs page adds where there are sessions."""
    _ = context.gettext
    titles = {
        "women": _("Women's priority, focus groups of the site (rank)"),
        "men": _("Men's priority, focus groups of the site (rank)"),
    }
    return tuple(titles[group] for group in GROUPS) if any(priorities.values()) else ()


def priority_texts(priorities: Priorities, need: str, context: PageContext) -> tuple[str, ...]:
    """The cells below `priority_header`: `31.3 % (2)`."""
    if not any(priorities.values()):
        return ()
    cells = [priority_cells(priorities.get(group), need, context) for group in GROUPS]
    return tuple(share if share == MISSING else f"{share} ({rank})" for share, rank in cells)


def priority_numbers(priorities: Priorities, need: str) -> list[float | None]:
    """The shares for a file; None where a need was not on the table."""
    if not any(priorities.values()):
        return []
    return [found.shares.get(need) if (found := priorities.get(group)) else None for group in GROUPS]


def chart_rows(needs: Sequence[NeedInfo], board: FocusBoard, context: PageContext) -> tuple[Row, ...]:
    """Needs that both groups had on the table."""
    rows = []
    for need in needs:
        women, men = (_share(board, group, need.code) for group in GROUPS)
        if women is not None and men is not None:
            dots = [Dot(share, None, None, context.formats.share(share)) for share in (women, men)]
            rows.append(Row(context.in_language(need.label), *dots, context.formats.points(women - men)))
    return tuple(rows[:MOST_ROWS_IN_CHART])


# ---- sessions --------------------------------------------------------------------------------------------------------


def session_title(session: SessionInfo, context: PageContext) -> str:
    _ = context.gettext
    people = participants_text(session.participants, context)
    parts = [context.formats.date(session.held_on), _(COMPOSITIONS[session.composition]), session.area, people]
    return f"{session.code} · " + " · ".join(parts)


def participants_text(participants: Mapping[str, int], context: PageContext) -> str:
    _ = context.gettext
    women, men = participants.get("female", 0), participants.get("male", 0)
    parts = []
    if women:
        parts.append(context.ngettext("{number} woman", "{number} women", women, number=women))
    if men:
        parts.append(context.ngettext("{number} man", "{number} men", men, number=men))
    return ", ".join(parts)


def session_facts(session: SessionInfo, board: FocusBoard, context: PageContext) -> list[tuple[str, str]]:
    """Term and text, in order; what too few said is left out with the reason."""
    _ = context.gettext
    day = context.formats.date(session.saved_at.date())
    saved = _(
        "version {version}, saved by {author} on {day}", version=session.version, author=session.saved_by, day=day
    )
    facts = [(_("Place"), session.place), (_("Led by"), session.facilitator), (_("Record"), saved)]
    if session.reason:
        facts.append((_("Reason of the last change"), session.reason))
    if session.is_small:
        least = context.formats.number(LEAST_PARTICIPANTS)
        told = _(
            "Fewer than {least} women or men took part: it is shown in sums with other sessions only.", least=least
        )
        return [*facts, (_("Not shown"), told)]
    facts.append((_("Ages"), ages_text(session.bands, context)))
    names = need_names(board, context)
    for group, scores in session.scores.items():
        title = _("Priorities of women") if group == "women" else _("Priorities of men")
        facts.append((f"{title} ({_(METHODS[session.method]).lower()})", scores_text(session, scores, names, context)))
    facts.append((_("Findings"), session.findings or MISSING))
    return facts


def ages_text(bands: Mapping[str, Mapping[str, int]], context: PageContext) -> str:
    """`Women: 18 to 29 4, 30 to 44 7`"""
    parts = []
    for sex, found in bands.items():
        listed = ", ".join(f"{context.gettext(AGE_BANDS[band])}: {found[band]}" for band in AGE_BANDS if band in found)
        parts.append(f"{context.gettext(SEX_NAMES[sex])}: {listed}")
    return "; ".join(parts)


def scores_text(
    session: SessionInfo, scores: Mapping[str, float], names: Mapping[str, str], context: PageContext
) -> str:
    """What matters most comes first: the most points, or the lowest rank."""
    is_rank = session.method == "ranks"
    ordered = sorted(scores, key=lambda need: (scores[need] if is_rank else -scores[need], need))
    return "; ".join(f"{names.get(need, need)}: {number_text(scores[need], context)}" for need in ordered)


def number_text(value: float, context: PageContext) -> str:
    decimals = next((d for d in (0, 1, 2) if round(value, d) == value), 2)
    return context.formats.number(value, decimals)
