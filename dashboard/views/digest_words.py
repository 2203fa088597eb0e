"""Words of the page of digests."""

from __future__ import annotations

from dashboard.i18n import mark

FREQUENCIES = {
    "weekly": mark("Every week"),
    "monthly": mark("Every month"),
    "import": mark("After each import of budget lines"),
}
DELIVERIES = {"file": mark("File to download on this page"), "mail": mark("E-mail")}
RULES = {
    "cut": mark("From PIA to PIM, cut more or grown less than the rest"),
    "slow": mark("Execution below the rest"),
    "gone": mark("Tagged lines that are gone"),
    "december": mark("Money moved out at the year's end"),
}
PROBLEMS = {
    "digest_sites": mark("Choose at least one site, or all that you may see."),
    "digest_rules": mark("Choose at least one rule."),
    "digest_address": mark("A digest by e-mail needs one address, e.g. ana@muni.gob.pe."),
    "digest_scheme": mark("Choose one of the schemes of the list."),
    "digest_stage": mark("Choose one of the stages of the list."),
    "digest_language": mark("Choose one of the languages of the list."),
    "digest_frequency": mark("Choose how often from the list."),
    "digest_delivery": mark("Choose how it reaches you from the list."),
}
DONE = {
    "subscribed": mark("You are subscribed. The first digest comes with the server's next run of digests."),
    "subscribed_import": mark(
        "You are subscribed. The first digest comes with the server's first run of digests after the next import of "
        "budget lines."
    ),
    "ended": mark("The subscription has ended: nothing more is sent."),
}
FAILURES = {
    "recipient": mark("The mail server refused the address. Unsubscribe and subscribe with another."),
    "login": mark("The mail server refused the server's log-in. Tell whoever runs the server."),
    "security": mark("The mail server does not offer the encryption asked for. Tell whoever runs the server."),
    "refused": mark("The mail server refused the mail. It is tried again."),
    "silent": mark("The mail server did not answer. It is tried again."),
    "unset": mark("This server has no mail server set up now. Tell whoever runs the server."),
    "disk": mark("The file could not be written on the server. Tell whoever runs the server."),
    "access": mark("Your access ended while it was made: nothing was sent."),
}
