"""Reading the admin's pages as a browser does."""

import pytest

from settings.demo.smoke.pages import read

HTML = """
<form method="get" action="/search/"><input name="q"></form>
<a href="/jobs/1/?from=failed">one</a>
<form method="post" action="?next=/admin/">
  <input type="hidden" name="token" value="abc"><input name="username"><input type="checkbox" name="keep" value="1">
  <input type="checkbox" name="stay" value="2" checked><input type="submit" name="go" value="Log in">
</form>
"""


def test_a_form_carries_what_stands_in_it() -> None:
    form = read(200, "http://localhost/admin/login/", HTML).form("/admin/login/")
    assert form.fields == {"token": "abc", "username": "", "stay": "2"}
    assert form.action == "?next=/admin/"


def test_a_link_is_found_by_its_path() -> None:
    assert read(200, "http://localhost/", HTML).link("/jobs/1/") == "/jobs/1/?from=failed"


@pytest.mark.parametrize("kind", ["link", "form"])
def test_what_is_not_there_is_named_with_its_page(kind: str) -> None:
    page = read(500, "http://localhost/broken/", HTML)
    with pytest.raises(LookupError, match=rf"broken/ \(500\) has no {kind} to /search/x/"):
        getattr(page, kind)("/search/x/")
