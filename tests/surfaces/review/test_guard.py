"""Who is let in: the token, the Host, the Origin; and what every response carries."""

from __future__ import annotations

import pytest

from dechaff.surfaces.review.server import ReviewServer, review
from dechaff.surfaces.review.site import Site
from tests.surfaces.review.conftest import Browser, opened


def test_the_address_with_the_token_sets_a_cookie_that_scripts_and_other_sites_cannot_use(server: ReviewServer) -> None:
    answer = Browser(server).ask(f"/?token={server.token}&status=open")
    assert answer.status == 303
    assert answer.headers["location"] == "/?status=open"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"dechaff_{server.port}={server.token};")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/media/x", "/static/review.js", "/log", "/jobs/1/events"])
def test_without_the_token_nothing_is_shown(server: ReviewServer, path: str) -> None:
    for cookie in ("", f"dechaff_{server.port}=wrong", f"dechaff_{server.port}=é"):
        answer = Browser(server, cookie).ask(path, Cookie=cookie.encode("utf-8").decode("latin-1"))
        assert answer.status == 403
        assert "dechaff review" in answer.body  # type: ignore[attr-defined]


def test_the_cookie_of_an_earlier_server_has_expired_and_the_page_says_what_to_do(
    run: object, server: ReviewServer
) -> None:
    old = opened(server).cookie
    server.close()
    again = review(run, port=server.port)
    answer = Browser(again, old).ask("/?status=open")
    again.close()
    assert answer.status == 403
    assert "All decisions are stored" in answer.body  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "", "[::1]:{port}"]
)
def test_a_foreign_host_name_is_refused(browser: Browser, host: str) -> None:
    assert browser.ask("/log", Host=host.format(port=browser.server.port)).status == 421


def test_localhost_is_this_machine_too(browser: Browser) -> None:
    assert browser.ask("/log", Host=f"localhost:{browser.server.port}").status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1", "https://127.0.0.1:{port}"])
@pytest.mark.parametrize("path", ["/decide", "/undo", "/redo", "/learn", "/accept", "/spot-check"])
def test_a_form_from_another_site_is_refused(browser: Browser, origin: str, path: str) -> None:
    answer = browser.ask(path, [("say", "accept")], Origin=origin.format(port=browser.server.port))
    assert answer.status == 403
    assert browser.server.site.opened.log() == [one for one in browser.server.site.opened.log() if one.source == "rule"]


def test_a_form_larger_than_any_of_the_page_is_refused(browser: Browser) -> None:
    assert browser.ask("/decide", [("note", "x" * (1 << 20))]).status == 413
    assert browser.ask("/decide", [], **{"Content-Length": "nan"}).status in (400, 413)


@pytest.mark.parametrize("path", ["/", "/?status=open", "/log", "/static/review.js", "/nothing", "/rows/none"])
def test_every_response_has_a_strict_policy(browser: Browser, path: str) -> None:
    for one in (browser, Browser(browser.server)):
        headers = one.ask(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';")
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_only_a_notebook_may_frame_the_page() -> None:
    for in_notebook in (False, True):
        served = ReviewServer(Site(None), in_notebook=in_notebook).start()
        policy = Browser(served).ask("/").headers["content-security-policy"]
        served.close()
        assert ("frame-ancestors 'none'" in policy) is not in_notebook
