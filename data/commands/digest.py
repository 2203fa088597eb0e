"""`digest`: alerts of the budget told regularly, as a file or by mail. `run` is for a cron job."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from budget_model.spending.digest import RULES
from budget_model.spending.lines import STAGES
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.mail import MailSettings
from data.settings import StoreSettings
from data.store import digests as store
from data.store.digests import Wish
from data.store.tables import DigestSubscription, User
from data.store.users import load_user
from data.workflows.digest_run import failures, run_digests
from data.workflows.digests import (
    DELIVERIES,
    FREQUENCIES,
    IMPORT,
    LANGUAGES,
    MAIL,
    MONTHLY,
    WEEKLY,
    seen_sites,
    subscribe,
    unsubscribe,
)
from data.workflows.statement import DEFAULT_SCHEME, DEFAULT_STAGE

AT_ONCE = "The first digest comes with the next `digest run`."
FIRST = {
    WEEKLY: AT_ONCE,
    MONTHLY: AT_ONCE,
    IMPORT: "The first digest comes with the first `digest run` after the next import of budget lines.",
}


@click.group("digest")
def digest() -> None:
    """Digests of the alerts of `budget trends`: what rules found, with the lines, and what is new since the last."""


@digest.command("subscribe")
@click.option("--for", "login", required=True, metavar="LOGIN", help="Who gets it: only what this person may see.")
@click.option("--site", "sites", multiple=True, help="Slug of a site; several times for several.")
@click.option("--all-sites", is_flag=True, help="All sites that the person may see when it is sent.")
@click.option("--scheme", default=DEFAULT_SCHEME, show_default=True, help="Id of the one scheme that counts the money.")
@click.option("--stage", type=click.Choice(STAGES), default=DEFAULT_STAGE, show_default=True)
@click.option("--rule", "rules", multiple=True, type=click.Choice(RULES), help="Left out: all of them.")
@click.option("--language", type=click.Choice(LANGUAGES), default="es", show_default=True)
@click.option("--every", "frequency", type=click.Choice(FREQUENCIES), default="weekly", show_default=True)
@click.option("--delivery", type=click.Choice(DELIVERIES), default="file", show_default=True)
@click.option("--address", help="Where mail goes to.")
@json_option
@refuse_cleanly
def subscribe_(login: str, sites: tuple[str, ...], all_sites: bool, as_json: bool, **wanted: Any) -> None:
    """Subscribe a person to a digest.

    \b
    Example:
      python -m budget_model digest subscribe --for ana --site villa --every monthly --delivery file
    """
    if bool(sites) == all_sites:
        raise InputError(
            Problem("digest_sites", "Name sites with --site, or all of them with --all-sites: one of both.")
        )
    wanted["rules"] = wanted["rules"] or RULES
    with opened_store() as opened:
        made = subscribe(opened.factory, login, Wish(sites=None if all_sites else sites, **wanted))
    if as_json:
        print_json({"subscription": made})
    else:
        progress(f"Subscription {made} is kept. {FIRST[wanted['frequency']]}")
    if wanted["delivery"] == MAIL and MailSettings.from_environment() is None:
        progress("No mail server is set up in this environment: `digest run` sends nothing until it has SMTP_HOST.")


@digest.command("list")
@click.option("--for", "login", metavar="LOGIN", help="Of one person; left out: of everybody.")
@json_option
@refuse_cleanly
def list_(login: str | None, as_json: bool) -> None:
    """Open subscriptions, with the last digest of each, what went wrong since and sites no longer open to the person.

    \b
    Example:
      python -m budget_model digest list --json
    """
    with opened_store() as opened, opened.factory() as session:
        user_id = load_user(session, login).id if login else None
        rows = [_subscription(session, row) for row in store.list_subscriptions(session, user_id)]
    if as_json:
        print_json({"subscriptions": rows})
        return
    header = (
        "id",
        "for",
        "sites",
        "scheme",
        "stage",
        "rules",
        "language",
        "every",
        "to",
        "last",
        "error",
        "no access to",
    )
    print_table(header, [_cells(row) for row in rows])


def _subscription(session: Session, row: DigestSubscription) -> dict[str, Any]:
    user = session.get_one(User, row.user_id)
    seen = [site.slug for site in seen_sites(session, user, row.sites)]
    newest = next(iter(store.list_issues(session, row.id, limit=1)), None)
    last = store.last_delivered(session, row.id)
    names = ("id", "sites", "scheme", "stage", "rules", "language", "frequency", "delivery", "address")
    return {
        **{name: getattr(row, name) for name in names},
        "login": user.login,
        "sites_seen": seen,
        "last_period": last.period if last else None,
        "last_delivered_at": last.delivered_at.isoformat() if last and last.delivered_at else None,
        "last_place": last.place if last else None,
        "error": (newest.error or None) if newest else None,
    }


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    sites = "all" if row["sites"] is None else ", ".join(row["sites"])
    target = row["address"] if row["delivery"] == "mail" else "file"
    lost = [slug for slug in row["sites"] or () if slug not in row["sites_seen"]]
    closed = ", ".join(lost) if row["sites_seen"] else "any of its sites"
    rules = "all" if set(row["rules"]) == set(RULES) else ", ".join(row["rules"])
    what = (row["scheme"], row["stage"], rules, row["language"], row["frequency"])
    return (row["id"], row["login"], sites, *what, target, row["last_period"], row["error"], closed)


@digest.command("unsubscribe")
@click.argument("subscription", type=int)
@json_option
@refuse_cleanly
def unsubscribe_(subscription: int, as_json: bool) -> None:
    """End a subscription (its number: `digest list`).

    \b
    Example:
      python -m budget_model digest unsubscribe 3
    """
    with opened_store() as opened:
        unsubscribe(opened.factory, subscription, COMMAND_LINE)
    if as_json:
        print_json({"ended": subscription})
    progress(f"Subscription {subscription} has ended.")


@digest.command("run")
@json_option
@refuse_cleanly
def run(as_json: bool) -> None:
    """Make and deliver every digest that is due, each once; for a cron job. Exit 1 where one could not be delivered.

    Files go to DIGEST_FOLDER (VAR_FOLDER/digests). Mail needs SMTP_HOST and SMTP_FROM; SMTP_PORT, SMTP_SECURITY
    (starttls, tls, none), SMTP_USER and SMTP_PASSWORD as the server asks for them.

    \b
    Example:
      python -m budget_model digest run --json
    """
    settings, mail = StoreSettings.from_environment(), MailSettings.from_environment()
    with opened_store(settings) as opened:
        outcomes = run_digests(opened.factory, settings.digest_folder, mail, datetime.now(UTC))
    if as_json:
        print_json({"folder": str(settings.digest_folder), "digests": [asdict(one) for one in outcomes]})
    else:
        header = ("subscription", "for", "outcome", "period", "to")
        print_table(header, [(o.subscription_id, o.login, o.outcome, o.period, o.place) for o in outcomes])
    for one in failures(outcomes):
        progress(f"Subscription {one.subscription_id} of {one.login} was not delivered: {one.error}")
    if failures(outcomes):
        sys.exit(1)
