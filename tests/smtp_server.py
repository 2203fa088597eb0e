"""A mail server on this machine for tests: keeps what it takes, and refuses the recipients that it is told to."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread

from data.mail import MailSettings


@dataclass
class MailBox:
    """What came in, and whom it refuses."""

    refused: set[str] = field(default_factory=set)
    messages: list[EmailMessage] = field(default_factory=list)
    settings: MailSettings | None = None


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP as sending takes (RFC 5321), without encryption and log-in."""

    def handle(self) -> None:
        self.say("220 stand-in")
        while command := self.rfile.readline().decode().strip():
            if self.answer(command):
                return

    def answer(self, command: str) -> bool:
        """Whether the conversation is over."""
        word = command.split()[0].upper().split(":")[0]
        box: MailBox = self.server.box  # type: ignore[attr-defined]
        if word == "QUIT":
            self.say("221 bye")
            return True
        if word == "RCPT":
            refused = any(address in command for address in box.refused)
            self.say("550 no such mailbox" if refused else "250 ok")
        elif word == "DATA":
            self.say("354 go on")
            box.messages.append(message_from_bytes(self.content(), policy=policy.default))
            self.say("250 taken")
        else:
            self.say("250 ok")
        return False

    def content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailBox]:
    """A running server on the loopback; `settings` of its box lead there."""
    box = MailBox()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        server.box = box  # type: ignore[attr-defined]
        box.settings = MailSettings("127.0.0.1", server.server_address[1], "grb@muni.test", security="none")
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join()
