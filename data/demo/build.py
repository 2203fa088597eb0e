"""Building the demonstration site: everything goes into the store through the workflows that a user's files take.

Each step is skipped where its result is there already, so that a build that was broken off goes on where it stopped.
An audit entry closes the build; from then on nothing is touched any more.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.spending.notes import parse_note
from data.accounts import hash_password
from data.demo.assembly import hold_assembly
from data.demo.census import generate_census
from data.demo.earlier import catalogue_then, draw_earlier, earlier_frame, read_earlier
from data.demo.figures import read_figures
from data.demo.geometry import MapArea, draw_map
from data.demo.history import publish_demo, validate_demo
from data.demo.roster import draw_roster, places_of
from data.demo.spending import write_budget_file
from data.demo.standing import BUILT, NAME, ROUND, SLUG, DemoReport, count_rows, counts_of, read_logins, standing_report
from data.demo.tags import People, tag_lines
from data.demo.texts import TEXTS
from data.readers.focus_groups import read_sessions
from data.readers.mef import read_mef
from data.store import areas, audit, focus_groups, sites, users
from data.store.engine import transaction
from data.store.incidence_inputs import list_inputs
from data.store.tables import (
    Need,
    Programme,
    SurveyRound,
)
from data.workflows import models, scenarios
from data.workflows.budget_notes import pin_note
from data.workflows.budgets import as_read_file, import_lines
from data.workflows.focus_groups import save_sessions
from data.workflows.incidence_inputs import import_input
from data.workflows.indicators import run_indicators
from data.workflows.programmes import import_programmes
from data.workflows.surveys import RoundSpec, store_round

UBIGEO = "150142"
SEED = 150142
SOURCE = TEXTS["site_source"]
HERE = Path(__file__).parent
CATALOGUE = HERE.parent / "catalogue" / "indicators.yaml"
BUDGET_FILE = "gasto_sintetico_2021_2026.csv"
Factory = sessionmaker[Session]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Build:
    """What every step needs."""

    factory: Factory
    bank_folder: Path
    households: int
    actor: str

    def generator(self, step: int) -> np.random.Generator:
        """Steps draw from streams of their own: a change in one leaves the others as they are."""
        return np.random.default_rng([SEED, step])

    def map(self) -> tuple[MapArea, ...]:
        return draw_map(self.generator(0), SLUG, NAME)


def build_demo(
    factory: Factory,
    bank_folder: Path,
    households: int | None = None,
    actor: str = audit.COMMAND_LINE,
    progress: Progress | None = None,
) -> DemoReport:
    """Build the demonstration site, or leave it alone where it is complete.

    households : 200 or more; None takes the full size of `figures.yaml`. Tests take 2,000
    Raises InputError where a site of that address is not a synthetic one.
    """
    size = int(read_figures().assumed["households"]) if households is None else households
    build = Build(factory, bank_folder, size, actor)
    standing = standing_report(factory)
    if standing is not None:
        return standing
    seconds: dict[str, float] = {}
    for name, step in STEPS.items():
        started = time.perf_counter()
        step(build)
        seconds[name] = round(time.perf_counter() - started, 2)
        if progress is not None:
            progress(f"{name}: {seconds[name]:.1f} s")
    return DemoReport(SLUG, True, counts_of(factory), read_logins(), seconds)


def _add_site_and_areas(build: Build) -> None:
    """Site, sectors and neighbourhoods with their polygons, in one transaction."""
    with transaction(build.factory) as session:
        if sites.find_site(session, SLUG) is not None:
            return
        site = sites.add_site(
            session,
            slug=SLUG,
            name=NAME,
            country="PE",
            currency="PEN",
            actor=build.actor,
            official_code=UBIGEO,
            is_synthetic=True,
            source=SOURCE,
        )
        records = [
            areas.AreaRecord(area.code, area.name, area.level, area.parent, area.geometry) for area in build.map()
        ]
        areas.save_areas(session, site.id, build.actor, records)


def _store_census(build: Build) -> None:
    """Generate the census and keep it as a survey round."""
    with build.factory() as session:
        if _has_round(session, ROUND):
            return
    census = generate_census(build.generator(1), read_figures(), build.map(), build.households)
    spec = RoundSpec(
        code=ROUND,
        coverage_area=TEXTS["coverage_area"],
        is_census=True,
        area_columns=("sector", "neighbourhood"),
        starts_on=date(2026, 3, 2),
        ends_on=date(2026, 5, 29),
        coverage_rate=1.0,
        source=SOURCE,
        provenance={"generator": "data/demo", "seed": SEED, "synthetic": True},
    )
    store_round(build.factory, build.bank_folder, SLUG, spec, census.persons, census.households, build.actor)


def _run_indicators(build: Build) -> None:
    with build.factory() as session:
        if count_rows(session, Need, Need.round_id == _round_id(session)):
            return
    text = CATALOGUE.read_text(encoding="utf-8")
    run_indicators(build.factory, build.bank_folder, SLUG, ROUND, text, build.actor, CATALOGUE.name)


def _validate(build: Build) -> None:
    validate_demo(build.factory, build.bank_folder, SLUG, ROUND)


def _publish(build: Build) -> None:
    publish_demo(build.factory, build.bank_folder, SLUG, ROUND)


def _hold_earlier_round(build: Build) -> None:
    """The sample of three years before, with its own definitions, on its way to the public."""
    earlier, figures = read_earlier(), read_figures()
    with build.factory() as session:
        is_stored = _has_round(session, earlier.code)
    if not is_stored:
        places = places_of(draw_roster(build.generator(1), figures, build.map(), build.households))
        generator = build.generator(3)
        frame = earlier_frame(generator, earlier, figures, build.map(), places, build.households)
        sample, spec = draw_earlier(generator, earlier, frame, build.households)
        store_round(build.factory, build.bank_folder, SLUG, spec, sample.persons, sample.households, build.actor)
    validate_demo(build.factory, build.bank_folder, SLUG, earlier.code, earlier.meeting)
    with build.factory() as session:
        is_estimated = count_rows(session, Need, Need.round_id == _round_id(session, earlier.code))
    if not is_estimated:
        text = catalogue_then(CATALOGUE.read_text(encoding="utf-8"), earlier)
        run_indicators(build.factory, build.bank_folder, SLUG, earlier.code, text, build.actor, CATALOGUE.name)
    publish_demo(build.factory, build.bank_folder, SLUG, earlier.code)


def _has_round(session: Session, code: str) -> bool:
    site = sites.load_site(session, SLUG)
    return bool(count_rows(session, SurveyRound, SurveyRound.site_id == site.id, SurveyRound.code == code))


def _round_id(session: Session, code: str = ROUND) -> int:
    site = sites.load_site(session, SLUG)
    query = select(SurveyRound.id).where(SurveyRound.site_id == site.id, SurveyRound.code == code)
    return session.scalars(query).one()


def _import_budget(build: Build) -> None:
    """Write the file in the ministry's layout, and read and import it as a user would."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / BUDGET_FILE
        write_budget_file(build.generator(2), file)
        found = as_read_file(read_mef(file), file, None, None)
        import_lines(build.factory, SLUG, found.lines.frame, found.provenance, build.actor)


def _import_programmes(build: Build) -> None:
    with build.factory() as session:
        if count_rows(session, Programme, Programme.site_id == sites.load_site(session, SLUG).id):
            return
    import_programmes(build.factory, SLUG, HERE / "programmes.yaml", build.actor)


def _keep_incidence(build: Build) -> None:
    """Who uses the programmes as far as the questionnaire asks, and hours that they spare: as an official brings it."""
    with build.factory() as session:
        if list_inputs(session, sites.load_site(session, SLUG).id):
            return
    file = HERE / "incidence.yaml"
    import_input(build.factory, SLUG, file.name, file.read_bytes(), build.actor, build.bank_folder)


def _add_logins(build: Build) -> None:
    """One account a role, at this site only."""
    with transaction(build.factory) as session:
        site = sites.load_site(session, SLUG)
        for entry in read_logins():
            user = users.find_user(session, entry.login)
            if user is None:
                password = hash_password(entry.password)
                user = users.add_user(
                    session, login=entry.login, display_name=entry.name, password_hash=password, actor=build.actor
                )
            users.give_role(session, user, entry.role, site.id, build.actor)


def _hold_focus_groups(build: Build) -> None:
    """Invented sessions, read from their file as a user's are; the weights of the model stay the survey's."""
    with build.factory() as session:
        if focus_groups.list_sessions(session, sites.load_site(session, SLUG).id):
            return
    save_sessions(build.factory, SLUG, read_sessions(HERE / "focus_groups.yaml"), build.actor)


def _tag_lines(build: Build) -> None:
    """Invented gender tags, proposed, reviewed, approved and disputed by the demonstration's people."""
    logins = {entry.role: entry.login for entry in read_logins()}
    tag_lines(build.factory, SLUG, People(logins["official"], logins["admin"], logins["monitor"]))


def _pin_notes(build: Build) -> None:
    """Invented notes on the trend of the budget, pinned by the demonstration's monitor."""
    monitor = next(entry for entry in read_logins() if entry.role == "monitor")
    held = yaml.safe_load((HERE / "notes.yaml").read_text(encoding="utf-8"))
    for entry in held["notes"]:
        note = parse_note(entry["when"], held["opening"] + entry["text"], entry.get("stage", ""), held["source"])
        pin_note(build.factory, [SLUG], note, monitor.name, monitor.login)


def _hold_assembly(build: Build) -> None:
    """Invented participatory budgets of two years: proposals, counted votes, budget lines of the earlier winners."""
    official = next(entry.login for entry in read_logins() if entry.role == "official")
    hold_assembly(build.factory, build.actor, official, build.generator(4), build.generator(5))


def _save_scenarios(build: Build) -> None:
    """Example scenarios of the demonstration official, evaluated and stored; then the build is closed."""
    official = next(entry.login for entry in read_logins() if entry.role == "official")
    with transaction(build.factory) as session:
        site = sites.load_site(session, SLUG)
        owner = users.load_user(session, official)
        model = models.snapshot(session, site.id, _round_id(session))
        session.flush()
        today = _programme_totals(model.document)
        for entry in yaml.safe_load((HERE / "scenarios.yaml").read_text(encoding="utf-8")):
            totals = _moved(today, entry["moves"])
            scenarios.save_scenario(
                session, site.id, model.sha256, entry["name"], owner, totals=totals, note=entry["note"]
            )
        audit.record(session, build.actor, BUILT, SLUG, site.id, {"seed": SEED, "households": build.households})


def _programme_totals(document: dict[str, Any]) -> dict[str, Decimal]:
    """Today's money of each programme, to the cent."""
    return {
        programme["id"]: sum((Decimal(repr(amount)) for amount in programme["baseline"].values()), Decimal(0))
        for programme in document["programmes"]
    }


def _moved(today: dict[str, Decimal], moves: list[dict[str, Any]]) -> dict[str, Decimal]:
    """New totals of the programmes that money leaves or enters; the sum stays as it is."""
    totals: dict[str, Decimal] = {}
    for move in moves:
        for code, sign in ((move["from"], -1), (move["to"], 1)):
            totals[code] = totals.get(code, today[code]) + sign * Decimal(move["amount"])
    return totals


STEPS: dict[str, Callable[[Build], None]] = {
    "site and areas": _add_site_and_areas,
    "log-ins": _add_logins,
    "census": _store_census,
    "validation": _validate,
    "estimates and needs": _run_indicators,
    "publication": _publish,
    "earlier round": _hold_earlier_round,
    "budget lines of six years": _import_budget,
    "programmes": _import_programmes,
    "users of programmes": _keep_incidence,
    "focus groups": _hold_focus_groups,
    "gender tags": _tag_lines,
    "notes": _pin_notes,
    "participatory budget": _hold_assembly,
    "example scenarios": _save_scenarios,
}
