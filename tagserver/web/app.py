"""The application: surroundings, routes, errors and headers put together."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from apiflask import APIFlask
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

from tagserver.config import Settings
from tagserver.ports import Clock
from tagserver.ports.imaging import ImageReader
from tagserver.services.access import RandomBytes
from tagserver.services.suite import Services
from tagserver.web import assets, auth, converters, errors, headers, languages, limits, openapi, rates, texts
from tagserver.web.console import parts as console
from tagserver.web.routes import (
    batches,
    bulk,
    installable,
    labels,
    language,
    list_page,
    log,
    pages,
    products,
    proof_page,
    recalls,
    reports,
    scan,
    scan_check,
    tags,
    units,
    verify,
    wellknown,
)
from tagserver.web.surroundings import Surroundings, bind

_BLUEPRINTS = (
    tags,
    verify,
    bulk,
    list_page,
    products,
    batches,
    labels,
    units,
    recalls,
    wellknown,
    log,
    pages,
    proof_page,
    scan,
    scan_check,
    installable,
    language,
    reports,
)


class _Application(APIFlask):
    """Flask asks of each hook and view, at each request, whether it is a coroutine. None is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """As it is."""
        return func


def create_app(
    services: Services,
    settings: Settings,
    image_reader: ImageReader,
    *,
    is_ready: Callable[[], bool],
    clock: Clock,
    random_bytes: RandomBytes,
) -> APIFlask:
    """The WSGI application over `services`. `is_ready` tells whether the store answers.

    Raises: ConfigError without the setting `secret`.
    """
    app = _Application(
        "tagserver.web",
        title=settings.site_name,
        version=version("origintag"),
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type] # Flask says None for no folder
    )
    _be_plain(app)
    bind(
        app,
        Surroundings(
            services=services,
            settings=settings,
            image_reader=image_reader,
            is_ready=is_ready,
            clock=clock,
            random_bytes=random_bytes,
            viewer_secret=settings.secret.reveal().encode("utf-8"),
        ),
    )
    for part in (converters, auth, headers, languages, errors, openapi, assets, texts):
        part.install(app)
    limits.install(app, settings)
    rates.install(app, settings)
    for module in _BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    console.install(app)
    _prepare_templates(app, settings)
    _trust_proxies(app, settings.trusted_proxy_hops)
    return app


def _be_plain(app: APIFlask) -> None:
    """Answers keep the order in which they were written."""
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.sort_keys = False


def _prepare_templates(app: APIFlask, settings: Settings) -> None:
    """What every template knows."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(site_name=settings.site_name, tag_domain=settings.tag_host.lower())


def _trust_proxies(app: APIFlask, hops: int) -> None:
    """Believe the address and the scheme that so many proxies in front have written, and no more."""
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign] # as Flask says to
