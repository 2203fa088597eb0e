"""What the public reads of two rounds together: nothing but the figures of both tables and their differences."""

from __future__ import annotations

import argparse
import math

from sqlalchemy.orm import Session, sessionmaker

from budget_model.survey.published import HIDDEN
from dashboard.auth.person import ANONYMOUS
from dashboard.services import make_services, open_store
from data.settings import StoreSettings
from data.store.engine import make_engine, session_factory
from data.store.publications import load_published
from data.store.rounds import list_rounds
from data.store.sites import load_site


def attack_changes(arguments: argparse.Namespace) -> bool:
    """Whether the map's figures of two rounds, as the public reads them, are those of the two tables and nothing else,
    and every change that can be read is their difference."""
    factory = session_factory(make_engine(arguments.database))
    services = make_services(open_store(StoreSettings(arguments.database, arguments.bank)))
    site = services.sites.find(ANONYMOUS, arguments.site)
    tables = published_tables(factory, arguments.site)
    choices = services.map.choices(ANONYMOUS, site)
    read = changes = differing = hidden = 0
    for one in choices.indicators:
        for level in choices.levels:
            found = services.map.figures(ANONYMOUS, site, one.code, level)
            for told, sides in ((found.round, found.now), (found.before, found.earlier)):
                for sex, figures in (sides or {}).items():
                    table = tables[told.code]
                    for area, figure in zip(found.areas, figures, strict=True):
                        read += 1
                        differing += not is_same(figure.estimate, table.get((one.code, area.code, sex)))
            for sex in found.now if found.earlier else ():
                for now, then in zip(found.now[sex], found.earlier[sex], strict=True):
                    changes += now.estimate is not None and then.estimate is not None
                    hidden += (now.status == HIDDEN) != (then.status == HIDDEN)
    print(
        f"\n=== Between rounds: {read:,} figures of areas that the public reads, {differing:,} not those of the tables"
    )
    print(
        f"{changes:,} changes can be read; {hidden:,} cells are protected in one round and shown in the other: of these"
    )
    print("nothing is told of the protected side, whose interval is that of its own round.")
    return differing == 0


def published_tables(factory: sessionmaker[Session], site: str) -> dict[str, dict[tuple[str, str, str], float]]:
    """By round: indicator, area and sex -> the published share or mean; of several versions the newest."""
    with factory() as session:
        rounds = list_rounds(session, load_site(session, site).id)
        frames = {one.code: load_published(session, one.id).sort_values("version") for one in rounds}
    return {
        code: {(row.indicator, row.area, row.sex): row.estimate for row in frame.itertuples()}
        for code, frame in frames.items()
    }


def is_same(read: float | None, stored: float | None) -> bool:
    """Whether what is read is what is stored; hidden is None to the reader and NaN in the table."""
    if read is None or stored is None:
        return read is None and (stored is None or math.isnan(stored))
    return read == stored
