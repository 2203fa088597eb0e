"""Sessions of focus groups into the store: checked, in versions, and never with a name that nobody answered for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from data.readers.focus_groups import FocusGroupRecord
from data.store import audit
from data.store import focus_groups as store
from data.store.areas import list_areas, root_area
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import FocusGroupPriority, FocusGroupSession, Indicator, Site
from data.workflows.focus_checks import check_record, hint_problem, hints_in

Factory = sessionmaker[Session]
CODE_FORMAT = "FG-{number:03}"


@dataclass(frozen=True)
class SavedSession:
    """What was done with a session: `version` 1 is a new one; not `is_new`: it is stored like this already."""

    code: str
    version: int
    is_new: bool


def save_sessions(
    factory: Factory,
    site_slug: str,
    records: Sequence[FocusGroupRecord],
    actor: str,
    *,
    accepted: Collection[str] = (),
    reason: str = "",
) -> tuple[SavedSession, ...]:
    """Store sessions, all or none; one whose code is there already becomes its next version, if it differs.

    accepted : what looks like a person's name or number (`find_hints`) and is confirmed to name nobody

    Raises InputError with every problem of every session, signs of persons that are not accepted among them (rules
    `focus.hint.…`); nothing is stored then.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        store.lock_site(session, site.id)
        records = [_with_area_below_site(record, site) for record in records]
        problems = _all_problems(session, site, records, accepted)
        if problems:
            raise InputError(problems)
        return tuple(_save(session, site, record, actor, reason, accepted) for record in records)


def edit_session(
    factory: Factory,
    site_slug: str,
    record: FocusGroupRecord,
    actor: str,
    *,
    based_on: int,
    accepted: Collection[str] = (),
    reason: str = "",
) -> SavedSession:
    """The next version of a session; `record.code` says which, `based_on` which version the editor saw.

    Raises NotFoundError for an unknown code, InputError as `save_sessions` and where the version is not the newest.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        store.lock_site(session, site.id)
        _refuse_outdated(store.load_version(session, site.id, record.code or ""), based_on)
        record = _with_area_below_site(record, site)
        problems = _all_problems(session, site, [record], accepted)
        if problems:
            raise InputError(problems)
        return _save(session, site, record, actor, reason, accepted)


def withdraw_session(
    factory: Factory, site_slug: str, code: str, actor: str, *, reason: str, based_on: int | None = None
) -> SavedSession:
    """Take a session out of the priorities by a version that says so; earlier versions stay as they are."""
    if not reason.strip():
        raise InputError(Problem("focus.reason", "Say why the session is withdrawn.", column="reason"))
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        store.lock_site(session, site.id)
        last = store.load_version(session, site.id, code)
        if based_on is not None:
            _refuse_outdated(last, based_on)
        if last.state == store.WITHDRAWN:
            return SavedSession(code, last.version, False)
        record = record_of(session, last)
        version = _new_version(session, site, record, last.version + 1, actor, reason)
        version.state, version.hints_accepted = store.WITHDRAWN, last.hints_accepted
        store.add_version(session, version, record.priorities)
        audit.record(session, actor, "focus.withdraw", code, site.id, {"version": version.version, "reason": reason})
        return SavedSession(code, version.version, True)


def find_hints(
    session: Session, site_id: int, records: Sequence[FocusGroupRecord], accepted: Collection[str] = ()
) -> list[Problem]:
    """Warnings for all that looks like a person's name or number and is not accepted."""
    known = _known_names(session, site_id)
    return [
        hint_problem(record, name, hint)
        for record in records
        for name, hint in hints_in(record, known)
        if hint.found not in accepted
    ]


def scored_needs(session: Session, site_id: int) -> dict[str, Mapping[str, object]]:
    """Needs that a session may put on the table: indicator code -> definition, of every one that counts persons."""
    query = select(Indicator).where(Indicator.site_id == site_id).order_by(Indicator.id)
    newest: dict[str, Indicator] = {}
    for indicator in session.scalars(query):
        if indicator.code not in newest or newest[indicator.code].version < indicator.version:
            newest[indicator.code] = indicator
    return {code: one.definition for code, one in newest.items() if one.definition.get("mean") is None}


def record_of(session: Session, version: FocusGroupSession) -> FocusGroupRecord:
    """A stored version as it was entered."""
    codes = {area.id: area.code if area.level else None for area in list_areas(session, version.site_id)}
    return FocusGroupRecord(
        held_on=version.held_on,
        place=version.place,
        composition=version.composition,
        facilitator=version.facilitator,
        participants=version.participants,
        priorities=store.load_scores(session, [version.id])[version.id],
        method=version.method,
        area=codes[version.area_id],
        findings=version.findings,
        quotes=tuple(version.quotes),
        code=version.code,
        is_synthetic=version.is_synthetic,
    )


def _all_problems(
    session: Session, site: Site, records: Sequence[FocusGroupRecord], accepted: Collection[str]
) -> list[Problem]:
    needs = _needs_with_earlier(session, site.id, records)
    areas = {area.code for area in list_areas(session, site.id)}
    problems = [problem for record in records for problem in check_record(record, needs, areas)]
    codes = [record.code for record in records if record.code]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        message = f"The session '{code}' stands here more than once. Give each session a code of its own."
        problems.append(Problem("focus.code_twice", message, column="code", value=code))
    return problems + find_hints(session, site.id, records, accepted)


def _with_area_below_site(record: FocusGroupRecord, site: Site) -> FocusGroupRecord:
    """The site's own area is written as no area."""
    return replace(record, area=None) if record.area in ("", site.slug) else record


def _needs_with_earlier(session: Session, site_id: int, records: Sequence[FocusGroupRecord]) -> set[str]:
    """Needs of the site, and those that stored versions of these sessions have: a retired indicator stays editable."""
    codes = [record.code for record in records if record.code]
    earlier = (
        select(FocusGroupPriority.indicator_code)
        .join(FocusGroupSession, FocusGroupSession.id == FocusGroupPriority.session_id)
        .where(FocusGroupSession.site_id == site_id, FocusGroupSession.code.in_(codes))
    )
    return {*scored_needs(session, site_id), *session.scalars(earlier)}


def _refuse_outdated(last: FocusGroupSession, based_on: int) -> None:
    if last.version != based_on:
        message = (
            f"Somebody saved version {last.version} of '{last.code}' meanwhile; you started from version {based_on}. "
            "Open it again and repeat your change."
        )
        facts = {"version": last.version, "actor": last.saved_by}
        raise InputError(Problem("focus.outdated", message, value=str(based_on), facts=facts))


def _save(
    session: Session, site: Site, record: FocusGroupRecord, actor: str, reason: str, accepted: Collection[str]
) -> SavedSession:
    code = record.code or _same_session(session, site.id, record) or _free_code(session, site.id)
    last = store.find_version(session, site.id, code)
    if last is not None and last.state == store.ACTIVE and _content(record_of(session, last)) == _content(record):
        return SavedSession(code, last.version, False)
    version = _new_version(session, site, record, last.version + 1 if last else 1, actor, reason)
    version.code = code
    version.is_synthetic = version.is_synthetic or (last is not None and last.is_synthetic)  # no edit makes it real
    version.hints_accepted = len([h for h in find_hints(session, site.id, [record]) if h.facts["found"] in accepted])
    store.add_version(session, version, {group: record.priorities[group] for group in record.groups})
    detail = {
        "version": version.version,
        "group": record.composition,
        "participants": {sex: sum(bands.values()) for sex, bands in record.participants.items()},
        "hints_accepted": version.hints_accepted,
        "reason": reason,
    }
    audit.record(session, actor, "focus.save", code, site.id, detail)
    return SavedSession(code, version.version, True)


def _new_version(
    session: Session, site: Site, record: FocusGroupRecord, number: int, actor: str, reason: str
) -> FocusGroupSession:
    areas = {area.code: area.id for area in list_areas(session, site.id)}
    return FocusGroupSession(
        site_id=site.id,
        code=record.code or "",
        version=number,
        state=store.ACTIVE,
        saved_at=datetime.now(UTC),
        saved_by=actor,
        reason=reason.strip(),
        held_on=record.held_on,
        area_id=areas[record.area] if record.area else root_area(session, site.id).id,
        place=record.place.strip(),
        composition=record.composition,
        facilitator=record.facilitator.strip(),
        method=record.method,
        participants=_counted(record.participants),
        findings=record.findings.strip(),
        quotes=[quote.strip() for quote in record.quotes if quote.strip()],
        hints_accepted=0,
        is_synthetic=record.is_synthetic or site.is_synthetic,
    )


def _counted(participants: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Without the age bands that nobody was of."""
    kept = {sex: {band: number for band, number in bands.items() if number} for sex, bands in participants.items()}
    return {sex: bands for sex, bands in kept.items() if bands}


def _content(record: FocusGroupRecord) -> tuple[object, ...]:
    """What makes two versions the same."""
    scores = {
        group: {need: float(score) for need, score in record.priorities.get(group, {}).items()}
        for group in record.groups
    }
    texts = (record.place.strip(), record.facilitator.strip(), record.findings.strip())
    quotes = [quote.strip() for quote in record.quotes if quote.strip()]
    words = (record.held_on, record.composition, record.method, record.area)
    return (*words, *texts, quotes, _counted(record.participants), scores)


def _same_session(session: Session, site_id: int, record: FocusGroupRecord) -> str | None:
    """Code of a session with this very content: somebody pressed a button twice."""
    same_day = [one for one in store.list_sessions(session, site_id) if one.held_on == record.held_on]
    content = _content(record)
    return next((one.code for one in same_day if _content(record_of(session, one)) == content), None)


def _free_code(session: Session, site_id: int) -> str:
    taken = {one.code for one in store.list_sessions(session, site_id, with_withdrawn=True)}
    number = len(taken) + 1
    while CODE_FORMAT.format(number=number) in taken:
        number += 1
    return CODE_FORMAT.format(number=number)


def _known_names(session: Session, site_id: int) -> set[str]:
    """Names of the site, its areas and its needs: no persons. What stands in brackets is a remark."""
    site = session.get_one(Site, site_id)
    labels = [definition.get("label") for definition in scored_needs(session, site_id).values()]
    texts = {text for label in labels if isinstance(label, dict) for text in label.values()}
    names = {site.name, *(area.name for area in list_areas(session, site_id)), *texts}
    return names | {name.partition("(")[0].strip() for name in names}
