"""A person at the console: follows links, fills the forms that pages hold, and nothing else."""

from __future__ import annotations

import hmac
import struct
from base64 import b32decode
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tagserver.ports import OrgId
from tests.tagserver.web.cast import PRODUCER, Stage

PASSWORD = "seven bottles on a green wall"
LOGIN = "liu@example.com"


@dataclass(kw_only=True)
class Form:
    """A form of a page: where it goes, and what it holds as it stands."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select = ""
        self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(action=given["action"], method=given["method"]))
            return
        if not self.found or not (name := given.get("name", self._select)):
            return
        form = self.found[-1]
        if tag in {"input", "select", "textarea"}:
            form.names.add(name)
        if tag == "input" and given.get("type") not in {"file", "checkbox"}:
            form.fields[name] = given.get("value", "")
        if tag == "select":
            self._select = name
        if tag == "textarea":
            self._area = name
        if tag == "option" and (name not in form.fields or "selected" in given):
            form.fields[name] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            form = self.found[-1]
            form.fields[self._area] = form.fields.get(self._area, "") + data.lstrip("\n")


@dataclass(kw_only=True)
class Person:
    """Somebody with a browser. `page` is what it shows."""

    client: FlaskClient
    page: TestResponse = field(init=False)

    def opens(self, path: str, **options: Any) -> TestResponse:  # noqa: ANN401 (as the client takes them)
        """Open an address, and follow where it leads."""
        self.page = self.client.get(path, follow_redirects=True, headers={"Accept": "text/html"}, **options)
        return self.page

    def form(self, action: str) -> Form:
        """The first form of the page that is sent there; one that asks with an address is none."""
        found = Forms(self.page.text).found
        return next(form for form in found if form.action == action and form.method == "post")

    def sends(
        self,
        action: str,
        /,
        *,
        follow: bool = True,
        headers: dict[str, str] | None = None,
        **typed: Any,  # noqa: ANN401 (texts, or files as the client takes them)
    ) -> TestResponse:
        """Fill the form of the page that goes to `action`, and send it."""
        form = self.form(action)
        self.page = self.client.post(
            action,
            data={**form.fields, **typed},
            follow_redirects=follow,
            headers={"Accept": "text/html", **(headers or {})},
            content_type="multipart/form-data"
            if any(isinstance(one, tuple) for one in typed.values())
            else None,
        )
        return self.page

    def logs_in(self, login: str = LOGIN, password: str = PASSWORD) -> TestResponse:
        """As far as the password leads."""
        self.opens("/console/log-in")
        return self.sends("/console/log-in", login=login, password=password)


def stranger(stage: Stage) -> Person:
    """Somebody who is not logged in."""
    return Person(client=stage.client())


def invited(stage: Stage, org_id: OrgId = PRODUCER, login: str = LOGIN) -> str:
    """A new account's set-up link."""
    token = stage.services.accounts.create(login, org_id=org_id, name="Liu Wei").token
    return f"/console/set-up/{token}"


def staff(stage: Stage, org_id: OrgId = PRODUCER, login: str = LOGIN) -> Person:
    """Somebody of the organisation, logged in."""
    link = invited(stage, org_id, login)
    stage.services.accounts.set_up(link.rpartition("/")[2], PASSWORD)
    person = stranger(stage)
    person.logs_in(login)
    return person


def app_code(secret: str, at: datetime) -> str:
    """What an authenticator app shows (RFC 6238: SHA-1, 30 seconds, 6 digits), written from the standard."""
    key = b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(at.timestamp()) // 30), "sha1")
    number = struct.unpack(">I", digest[digest[-1] & 15 :][:4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
