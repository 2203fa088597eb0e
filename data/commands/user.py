"""`user`: accounts and the roles they hold."""

from __future__ import annotations

import os
import sys
from typing import Any

import click
from sqlalchemy.orm import Session

from data.accounts import hash_password
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, refuse_cleanly
from data.store.engine import transaction
from data.store.sites import list_sites, load_site
from data.store.users import ROLES, add_user, give_role, list_users, load_user, roles_of, take_role

EVERY_SITE = "every site"


@click.group("user")
def user() -> None:
    """Accounts: add one, give it a role, list them."""


@user.command("add")
@click.argument("login")
@click.option("--name", default="", help="Name as it stands on the pages; default: the log-in name.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
@json_option
@refuse_cleanly
def add(login: str, name: str, password_stdin: bool, as_json: bool) -> None:
    """Add an account. The password is asked for and never shown; in a script, USER_PASSWORD may hold it.

    \b
    Example:
      python -m budget_model user add mrojas --name "Marta Rojas"
    """
    password_hash = hash_password(_password(password_stdin))
    with opened_store() as store, transaction(store.factory) as session:
        added = add_user(session, login=login, display_name=name, password_hash=password_hash, actor=COMMAND_LINE)
        document = {"login": added.login, "name": added.display_name, "active": added.is_active, "roles": []}
    if as_json:
        print_json({"user": document})
    else:
        click.echo(f"Added the user '{login}'. Give it a role with: user role {login} ROLE --site SITE")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if "USER_PASSWORD" in os.environ:
        return os.environ["USER_PASSWORD"]
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


@user.command("role")
@click.argument("login")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--site", "site_slug", help="Only at this site; without it, at every site.")
@click.option("--take", is_flag=True, help="Take the role away instead of giving it.")
@json_option
@refuse_cleanly
def role(login: str, role: str, site_slug: str | None, take: bool, as_json: bool) -> None:
    """Give a role, or take it away.

    \b
    Example:
      python -m budget_model user role mrojas official --site nairobi
    """
    with opened_store() as store, transaction(store.factory) as session:
        site_id = load_site(session, site_slug).id if site_slug else None
        holder = load_user(session, login)
        (take_role if take else give_role)(session, holder, role, site_id, COMMAND_LINE)
        document = {"login": login, "roles": _roles(session, holder.id)}
    if as_json:
        print_json({"user": document})
    else:
        click.echo(f"'{login}' is {'no longer' if take else 'now'} {role} at {site_slug or EVERY_SITE}.")


def _roles(session: Session, user_id: int) -> list[dict[str, str | None]]:
    """Roles with the address of their site; null means every site."""
    slugs = {one.id: one.slug for one in list_sites(session)}
    held = sorted(roles_of(session, user_id), key=lambda pair: (pair[0], pair[1] or 0))
    return [{"role": code, "site": slugs[at] if at is not None else None} for code, at in held]


@user.command("list")
@json_option
@refuse_cleanly
def list_command(as_json: bool) -> None:
    """List the accounts with their roles.

    \b
    Example:
      python -m budget_model user list
    """
    with opened_store() as store, store.factory() as session:
        rows = [
            {
                "login": one.login,
                "name": one.display_name,
                "active": one.is_active,
                "roles": _roles(session, one.id),
            }
            for one in list_users(session)
        ]
    if as_json:
        print_json({"users": rows})
    else:
        print_table(["log-in", "name", "active", "roles"], [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[str]:
    roles = "; ".join(f"{held['role']} at {held['site'] or EVERY_SITE}" for held in row["roles"])
    return [row["login"], row["name"], "yes" if row["active"] else "no", roles]
