"""`user`: accounts and the roles they hold."""

from __future__ import annotations

import click

from data.accounts import hash_password
from data.commands.opened import COMMAND_LINE, opened_store
from data.commands.output import json_option, print_json, print_table, refuse_cleanly
from data.store.engine import transaction
from data.store.sites import list_sites, load_site
from data.store.users import ROLES, add_user, ensure_roles, give_role, list_users, load_user, roles_of


@click.group("user")
def user() -> None:
    """Accounts: add one, give it a role, list them."""


@user.command("add")
@click.argument("login")
@click.option("--name", default="", help="Name as it stands on the pages; default: the log-in name.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@refuse_cleanly
def add(login: str, name: str, password_stdin: bool) -> None:
    """Add an account; the password is asked for and never shown.

    \b
    Example:
      python -m budget_model user add mrojas --name "Marta Rojas"
    """
    if password_stdin:
        password = click.get_text_stream("stdin").readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    password_hash = hash_password(password)
    with opened_store() as store, transaction(store.factory) as session:
        ensure_roles(session)
        add_user(session, login=login, display_name=name, password_hash=password_hash, actor=COMMAND_LINE)
    click.echo(f"Added the user '{login}'. Give it a role with: user role {login} ROLE --site SITE")


@user.command("role")
@click.argument("login")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--site", "site_slug", help="Only at this site; without it, at every site.")
@refuse_cleanly
def role(login: str, role: str, site_slug: str | None) -> None:
    """Give a role.

    \b
    Example:
      python -m budget_model user role mrojas official --site nairobi
    """
    with opened_store() as store, transaction(store.factory) as session:
        site_id = load_site(session, site_slug).id if site_slug else None
        give_role(session, load_user(session, login), role, site_id, COMMAND_LINE)
    click.echo(f"'{login}' is now {role} at {site_slug or 'every site'}.")


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
        slugs = {one.id: one.slug for one in list_sites(session)}
        rows = [
            {
                "login": one.login,
                "name": one.display_name,
                "active": one.is_active,
                "roles": sorted(
                    f"{code} at {slugs[at] if at else 'every site'}" for code, at in roles_of(session, one.id)
                ),
            }
            for one in list_users(session)
        ]
    if as_json:
        print_json({"users": rows})
    else:
        print_table(
            ["log-in", "name", "active", "roles"], [[*list(r.values())[:3], "; ".join(r["roles"])] for r in rows]
        )
