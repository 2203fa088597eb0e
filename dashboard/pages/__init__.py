"""One page a file: `layout`, plain functions, `register_callbacks(app, services)`. PAGES has the navigation's order."""

from __future__ import annotations

from dashboard.pages import (
    budget,
    data_bank,
    focus_groups,
    imports,
    instrument,
    needs,
    overview,
    profile,
    programmes,
    scenarios,
    simulate,
    sites,
    validation,
)
from dashboard.pages import map as poverty_map
from dashboard.router import Page

SITE_LIST: Page = sites
PAGES: tuple[Page, ...] = (
    overview,
    needs,
    poverty_map,
    profile,
    focus_groups,
    simulate,
    budget,
    programmes,
    scenarios,
    validation,
    instrument,
    imports,
    data_bank,
)
