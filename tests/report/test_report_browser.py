"""The report in a real browser: no request, no error, no sideways scrolling, everything on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dechaff.records.metrics import Examples, Metrics
from dechaff.records.record import converted
from dechaff.report.html import render_fragment, render_html
from tests.browsers import IN_A_BROWSER, launched
from tests.report.hostile_run import hostile_run
from tests.report.sample_run import believable_run, empty_run, recorded

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    inputs = {"believable": believable_run(), "hostile": hostile_run(length=600), "empty": empty_run()}
    for name, run in inputs.items():
        (folder / f"{name}.html").write_text(render_html(recorded(*run)), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in inputs}


@pytest.mark.parametrize("name", ["believable", "hostile", "empty"])
@pytest.mark.parametrize("width", [360, 640, 1280])
def test_a_page_asks_for_nothing_and_never_scrolls_sideways(
    browser: Any, reports: dict[str, Path], name: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    page.goto(reports[name].as_uri())
    assert requests == [reports[name].as_uri()]
    assert messages == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_without_scripts_a_block_opens_and_links_lead_to_chapters(browser: Any, reports: dict[str, Path]) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(reports["believable"].as_uri())
    page.click("#D001 > summary")
    assert page.locator("#D001 .example").first.is_visible()
    page.click("nav >> text=Proof on sealed data")
    assert page.url.endswith("#proof")
    page.close()


def test_dark_and_light_follow_the_reader(browser: Any, reports: dict[str, Path]) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(reports["believable"].as_uri())
        grounds.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
        page.close()
    assert len(grounds) == 2


def test_on_paper_closed_blocks_are_open_and_the_page_is_light(browser: Any, reports: dict[str, Path]) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(reports["believable"].as_uri())
    page.emulate_media(media="print")
    height = page.evaluate("document.querySelector('#D001 .example').getBoundingClientRect().height")
    assert height > 50
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    page.close()


def test_keyboard_users_reach_wide_tables_and_every_block(browser: Any, reports: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(reports["believable"].as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("[...document.querySelectorAll('.scroll')].every(e => e.tabIndex === 0 && e.ariaLabel)")
    page.close()


def test_the_first_printed_page_is_a_summary_of_its_own(browser: Any, reports: dict[str, Path]) -> None:
    page = browser.new_page(viewport={"width": 680, "height": 960})
    page.goto(reports["believable"].as_uri())
    assert not page.locator(".paper").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".paper").is_visible()
    assert page.evaluate("document.querySelector('.summary').getBoundingClientRect().height") < 960
    assert page.evaluate("getComputedStyle(document.querySelector('.summary')).breakAfter") == "page"
    page.close()


def test_the_notebook_view_withstands_the_style_of_jupyterlab(browser: Any) -> None:
    metrics, examples, *_ = believable_run()
    page = browser.new_page(viewport={"width": 900, "height": 800})
    style = ".out dt{float:left;width:20%} .out td,.out th{text-align:right}"
    fragment = render_fragment(converted(metrics, Metrics, "x"), converted(examples, Examples, "x"))
    page.set_content(f"<style>{style}</style><div class='out'>{fragment}</div>")
    boxes = page.evaluate(
        "[...document.querySelectorAll('.f span')].map(e => { const b = e.getBoundingClientRect();"
        " return [b.left, b.top, b.right, b.bottom] })"
    )
    overlaps = [
        (one, other)
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if one[0] < other[2] - 1 and other[0] < one[2] - 1 and one[1] < other[3] - 1 and other[1] < one[3] - 1
    ]
    assert len(boxes) == 12
    assert not overlaps
    page.close()
