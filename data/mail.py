"""Mail by SMTP, where the environment names a server. Nothing of it is kept in the database."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage

from budget_model.errors import BudgetModelError, InputError, Problem

SECURITY = ("starttls", "tls", "none")
PORTS = {"starttls": 587, "tls": 465, "none": 25}
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
LONGEST_ADDRESS = 254
PATIENCE_SECONDS = 30  # for each answer of the server


class MailError(BudgetModelError):
    """A mail that was not sent. `rule` tells a screen why; the sentence has what the server or the network said."""

    def __init__(self, rule: str, message: str):
        self.rule = rule
        super().__init__(message)


@dataclass(frozen=True)
class MailSettings:
    """A mail server: `security` is starttls, tls or none; user and password where it asks for them."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> MailSettings | None:
        """`SMTP_HOST`, `SMTP_PORT`, `SMTP_FROM`, `SMTP_SECURITY`, `SMTP_USER`, `SMTP_PASSWORD`; None without a host.

        Raises InputError with every problem.
        """
        environment = os.environ if environment is None else environment
        given = {name: environment.get(f"SMTP_{name}", "").strip() for name in NAMES}
        if not given["HOST"]:
            return None
        if problems := list(_problems(given)):
            raise InputError(problems)
        security = given["SECURITY"].lower() or "starttls"
        port = int(given["PORT"]) if given["PORT"] else PORTS[security]
        return cls(given["HOST"], port, given["FROM"], security, given["USER"] or None, given["PASSWORD"] or None)


NAMES = ("HOST", "PORT", "FROM", "SECURITY", "USER", "PASSWORD")


def _problems(given: Mapping[str, str]) -> list[Problem]:
    found = []
    security = given["SECURITY"].lower() or "starttls"
    if not is_address(given["FROM"]):
        found.append(("smtp_from", "SMTP_FROM must be the address that the mail comes from, e.g. grb@muni.gob.pe."))
    if given["PORT"] and not (given["PORT"].isdigit() and 0 < int(given["PORT"]) < 65536):
        found.append(("smtp_port", f"SMTP_PORT is '{given['PORT']}'. Expected a number from 1 to 65535."))
    if security not in SECURITY:
        found.append(("smtp_security", f"SMTP_SECURITY is '{security}'. Expected one of {', '.join(SECURITY)}."))
    if bool(given["USER"]) != bool(given["PASSWORD"]):
        found.append(("smtp_login", "SMTP_USER and SMTP_PASSWORD belong together: set both, or neither."))
    if given["PASSWORD"] and security == "none":
        message = "A password would cross the network unprotected. Set SMTP_SECURITY to starttls or tls."
        found.append(("smtp_open", message))
    return [Problem(rule, message) for rule, message in found]


def is_address(text: str) -> bool:
    """Whether this is one plain mail address."""
    return len(text) <= LONGEST_ADDRESS and ADDRESS.fullmatch(text) is not None


def send(settings: MailSettings, message: EmailMessage) -> None:
    """Hand a message over to the server. MailError where it does not take it: nothing was sent then."""
    try:
        with _connected(settings) as server:
            if settings.user and settings.password:
                server.login(settings.user, settings.password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(*_reason(settings, error)) from error


def _connected(settings: MailSettings) -> smtplib.SMTP:
    place = (settings.host, settings.port)
    if settings.security == "tls":
        return smtplib.SMTP_SSL(*place, timeout=PATIENCE_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(*place, timeout=PATIENCE_SECONDS)
    if settings.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _reason(settings: MailSettings, error: Exception) -> tuple[str, str]:
    """Rule and sentence; what to say of a failure; never a password: answers of servers do not carry it."""
    where = f"The mail server {settings.host}:{settings.port}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        reasons = "; ".join(f"{code} {_text(told)}" for code, told in error.recipients.values())
        return "recipient", f"{where} refused the recipient ({reasons}). Correct the address of the subscription."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "login", f"{where} refused the log-in ({error.smtp_code}). Correct SMTP_USER and SMTP_PASSWORD."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "security", f"{where} does not offer what SMTP_SECURITY or the log-in asks for ({error})."
    if isinstance(error, smtplib.SMTPResponseException):
        return (
            "refused",
            f"{where} refused the mail ({error.smtp_code} {_text(error.smtp_error)}). The next run tries again.",
        )
    message = f"{where} did not answer as a mail server ({error}). Check SMTP_HOST and SMTP_PORT, then run again."
    return "silent", message


def _text(told: bytes | str) -> str:
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else told
