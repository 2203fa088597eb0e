"""The list of sites: the first page."""

from __future__ import annotations

from dash import Dash, html

from dashboard.components import no_data, page_header
from dashboard.context import PageContext, SiteRef
from dashboard.i18n import mark
from dashboard.services import Services
from dashboard.services.access import EVERYBODY

NAME = ""
TITLE = mark("Sites")
GROUP = None  # above the sites: the brand leads there
ROLES = EVERYBODY


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    sites = services.sites.list(context.user)
    header = page_header(_("Sites"), _("Municipalities and settlements that keep a community-based monitoring system."))
    if not sites:
        missing = _("There is no site yet.")
        return html.Div([header, no_data(missing, _("Build the demonstration site: python -m budget_model demo"))])
    return html.Div([header, html.Ul([_entry(site, context) for site in sites], className="site-list")])


def _entry(site: SiteRef, context: PageContext) -> html.Li:
    _ = context.gettext
    mark_of_synthetic = html.Span(_("Synthetic data"), className="badge-synthetic") if site.is_synthetic else None
    link = html.A(site.name, href=f"/{context.language}/{site.slug}/")
    return html.Li([html.H2([link, " ", mark_of_synthetic]), html.P(context.stored(site.source))], className="panel")


def register_callbacks(app: Dash, services: Services) -> None:
    """Nothing on this page answers back."""
