"""The HTML around every page: head, navigation, language switch, `main`, footer. Jinja; its script only moves menus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dash
from flask import render_template, request
from markupsafe import Markup

from dashboard.context import PageContext
from dashboard.i18n import LANGUAGES, own_name
from dashboard.navigation import navigation
from dashboard.router import Router

ASSETS = Path(__file__).resolve().parent.parent / "assets"
VENDOR_STYLES = ("vendor/bootstrap/bootstrap.min.css",)
OWN_STYLES = "*.css"
FONT = "vendor/inter/inter-latin-wght-normal.woff2"
SCRIPT = "shell/navigation.js"
PLOTLY = ("vendor/plotly/plotly-basic.min.js", "vendor/plotly/plotly-locale-es-pe.js")
HEAVY_LIBRARIES = ("dash_ag_grid",)  # Dash would load them on every page; only pages that name them in LIBRARIES do


def asset_address(name: str) -> str:
    """Address of a file in `assets/` with the time of its last change, so that browsers may keep it."""
    return f"/assets/{name}?m={(ASSETS / name).stat().st_mtime:.0f}"


class DashboardApp(dash.Dash):
    """Dash with the project's own HTML around it."""

    router: Router

    def interpolate_index(self, **parts: str) -> str:
        """Called by Dash for every HTML request that the guard let through."""
        resolution = self.router.resolve(request.path, request.query_string.decode("utf-8", "replace"))
        title = resolution.page.TITLE if resolution.page else ""
        own = {**parts, "scripts": wanted_scripts(parts["scripts"], getattr(resolution.page, "LIBRARIES", ()))}
        real = getattr(resolution.page, "REAL_FIGURES", "")
        values = {**dash_parts(own), "real_figures": real}
        return render_shell(self.router, resolution.context, "page.html", title=title, **values)


def wanted_scripts(scripts: str, libraries: Sequence[str]) -> str:
    """Dash's script tags, one a line, without heavy component libraries that the page does not use."""
    unwanted = [f"/{name}/" for name in HEAVY_LIBRARIES if name not in libraries]
    return "\n".join(line for line in scripts.splitlines() if not any(mark in line for mark in unwanted))


def dash_parts(parts: Mapping[str, str]) -> dict[str, Any]:
    """Those of Dash's own pieces of HTML that the template does not write itself; Dash has already escaped them."""
    wanted = ("config", "scripts", "renderer")
    return {f"dash_{name}": Markup(parts[name]) for name in wanted}  # noqa: S704


def render_shell(router: Router, context: PageContext, template: str, title: str, **values: Any) -> str:
    """A template inside the shell, in the context's language. `title` is a message id."""
    site = context.site
    return render_template(
        template,
        _=context.gettext,
        context=context,
        language=context.language,
        title=context.gettext(title) if title else "",
        navigation=navigation(router.pages_for(context), context),
        script=asset_address(SCRIPT),
        languages=[(code, own_name(code), same_page_in(code)) for code in LANGUAGES if code != context.language],
        is_synthetic=bool(site and site.is_synthetic),
        styles=[asset_address(name) for name in styles()],
        font=f"/assets/{FONT}",
        plotly=[asset_address(name) for name in PLOTLY],
        **values,
    )


def styles() -> list[str]:
    """Bootstrap first, then our own in the order of their names."""
    return [*VENDOR_STYLES, *sorted(file.name for file in ASSETS.glob(OWN_STYLES))]


def same_page_in(language: str) -> str:
    """This address with another language, query included."""
    parts = request.full_path.rstrip("?").split("/")
    parts[1] = language
    return "/".join(parts) if len(parts) > 2 else f"/{language}/"
