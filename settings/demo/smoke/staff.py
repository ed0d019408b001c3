"""A member of staff at a browser: cookies, log-in, forms sent as they stand on the page."""

import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
from http.cookiejar import CookieJar

from settings.demo.smoke.pages import Page, read

#: The web server may take this long for an answer, seconds.
ANSWER_S = 30.0


class Staff:
    """Somebody who is logged in to the admin. Follows redirects, keeps cookies."""

    def __init__(self, base: str, login: str, username: str, password: str) -> None:
        """Log in at `login`, an address below `base`. Raises PermissionError when that is refused."""
        self._base = base
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        path = login.partition("?")[0]
        answer = self.send(self.get(login), path, username=username, password=password)
        if answer.status != HTTPStatus.OK or urllib.parse.urlsplit(answer.url).path == path:
            raise PermissionError(f"{username} could not log in: {answer.status} at {answer.url}")

    def get(self, path: str) -> Page:
        """Look at a page."""
        return self._ask(urllib.request.Request(urllib.parse.urljoin(self._base, path)))  # noqa: S310  our server

    def send(self, page: Page, path: str, **values: str) -> Page:
        """Send the page's form that goes to this path, with what stands in it and these values."""
        form = page.form(path)
        data = urllib.parse.urlencode({**form.fields, **values}).encode()
        return self._ask(urllib.request.Request(urllib.parse.urljoin(page.url, form.action), data))  # noqa: S310

    def post(self, path: str, **values: str) -> Page:
        """Post without having seen a page: what a forged request would do."""
        where = urllib.parse.urljoin(self._base, path)
        return self._ask(urllib.request.Request(where, urllib.parse.urlencode(values).encode()))  # noqa: S310

    def _ask(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=ANSWER_S) as answer:
                return read(answer.status, answer.url, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return read(error.code, error.url or request.full_url, error.read().decode(errors="replace"))
