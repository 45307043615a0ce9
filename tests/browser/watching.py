"""What a browser does beside showing pages: requests that leave the origin, and complaints."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

NO_REQUEST = ("data:", "blob:", "about:")
NO_NETWORK = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_CONNECTION_REFUSED", "net::ERR_FAILED")
"""What Chromium says when a test takes the network or the server away."""


class Watch:
    """Watches all pages of a context from their beginning."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self._site = site
        self._abroad: list[str] = []
        self._complaints: list[str] = []
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("page", self._page)

    def check(self) -> None:
        """Nothing left the origin; no script failed; nothing broke the content policy."""
        assert self._abroad == [], self._abroad
        assert self._complaints == [], self._complaints

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._site}/", *NO_REQUEST)):
            self._abroad.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        """Chromium tells breaches of the content policy here, as errors; and a page whose own status is one."""
        is_own_status = message.page is not None and message.location["url"] == message.page.url
        is_told = is_own_status or message.text.endswith(NO_NETWORK)
        if message.type in {"error", "warning"} and not (
            is_told and message.text.startswith("Failed to load resource")
        ):
            self._complaints.append(f"{message.type}: {message.text}")

    def _page(self, page: Page) -> None:
        page.on("pageerror", lambda error: self._complaints.append(str(error)))
