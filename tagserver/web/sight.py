"""The circumstances of a look at a tag: which viewer, from where, and whether it counts.

A viewer is a random first-party cookie, set when a page is shown. Who keeps no cookies (programs, mostly) is known
by address and browser. Neither is stored: `tagserver.services.viewers` makes a keyed hash of them that rotates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Request, Response

from tagcore.history import Place
from tagserver.services.access import Caller
from tagserver.services.viewers import Sight, coarse_place, is_person, viewer_hash
from tagserver.web.surroundings import Surroundings

COOKIE = "viewer"
COOKIE_SECONDS = 180 * 24 * 3600
"""Longer than any window that is counted over, shorter than for ever."""

_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_NO_COUNTRY = frozenset({"XX", "ZZ"})
"""What proxies write when they do not know, and ISO 3166's own code for it."""

_AHEAD_OF_TIME = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """What a request's body says of the place: degrees and kilometres, exact as sent; only a coarse cell is kept."""

    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy_km: float = 0.0


def viewer_token(request: Request) -> str | None:
    """The viewer's cookie, None without one that we made."""
    token = request.cookies.get(COOKIE, "")
    return token if _TOKEN.fullmatch(token) else None


def new_viewer_token(surroundings: Surroundings) -> str:
    """A cookie's value: 128 random bits."""
    return surroundings.random_bytes(16).hex()


def remember_viewer(response: Response, token: str, *, secure: bool) -> None:
    """Set the cookie."""
    response.set_cookie(
        COOKIE, token, max_age=COOKIE_SECONDS, secure=secure, httponly=True, samesite="Lax", path="/"
    )


def sight_of(
    request: Request,
    surroundings: Surroundings,
    *,
    professional: Caller | None,
    token: str | None = None,
    place: Whereabouts | None = None,
) -> Sight:
    """What may be kept of this look. `token` is the viewer's, where it is known better than by its cookie.

    Raises: ValueError for coordinates that are none.
    """
    viewer = _viewer(request, professional, token or viewer_token(request))
    return Sight(
        viewer=viewer_hash(
            surroundings.viewer_secret, viewer, surroundings.clock(), surroundings.viewer_rotation
        ),
        org_id=professional.org_id if professional else None,
        place=_place(request, surroundings, place or Whereabouts()),
        counted=professional is not None or _counts(request),
    )


def _viewer(request: Request, professional: Caller | None, token: str | None) -> str:
    """An organisation is one viewer, whatever it looks with. The words in front keep the three kinds apart."""
    if professional is not None:
        return f"organisation {professional.org_id}"
    if token is not None:
        return f"cookie {token}"
    return f"address {request.remote_addr} {request.headers.get('User-Agent', '')}"


def _counts(request: Request) -> bool:
    if request.method == "HEAD" or any(request.headers.get(name) for name in _AHEAD_OF_TIME):
        return False
    return is_person(request.headers.get("User-Agent", ""))


def _place(request: Request, surroundings: Surroundings, given: Whereabouts) -> Place | None:
    country = given.country or _country(request, surroundings.settings.country_header)
    return coarse_place(country, given.latitude, given.longitude, given.accuracy_km)


def _country(request: Request, header: str) -> str | None:
    """The visitor's country as the proxy tells it; without that header's name in the settings, nobody is asked."""
    told = request.headers.get(header, "").upper() if header else ""
    return told if _COUNTRY.fullmatch(told) and told not in _NO_COUNTRY else None
