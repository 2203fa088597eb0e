"""One page a file: `layout`, plain functions, `register_callbacks(app, services)`. PAGES has the navigation's order."""

from __future__ import annotations

from dashboard.pages import budget, needs, overview, programmes, scenarios, simulate, sites, validation
from dashboard.router import Page

SITE_LIST: Page = sites
PAGES: tuple[Page, ...] = (overview, needs, simulate, budget, programmes, scenarios, validation)
