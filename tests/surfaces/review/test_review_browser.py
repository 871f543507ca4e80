"""The review in a real browser: the whole job by keyboard, without scripts, on a phone, and with hostile data."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import dechaff
from dechaff.surfaces.review.server import ReviewServer, review
from tests.browsers import IN_A_BROWSER, launched

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with launched() as chromium:
        yield chromium


@pytest.fixture
def page(chromium: Any, server: ReviewServer) -> Iterator[Any]:
    """The first page; whatever a script or a dialog says fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    one = context.new_page()
    heard: list[str] = []
    one.on("console", lambda message: heard.append(message.text))
    one.on("pageerror", lambda error: heard.append(str(error)))
    one.on("dialog", lambda dialog: heard.append(dialog.message))
    one.on(
        "request", lambda request: None if request.url.startswith("http://127.0.0.1:") else heard.append(request.url)
    )
    one.goto(server.url)
    yield one
    context.close()
    assert heard == []


def _press(page: Any, *keys: str) -> None:
    """Press keys; each time, wait until the page is at rest."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(30)
        _at_rest(page)


def _at_rest(page: Any) -> None:
    page.wait_for_function("() => !document.body.hasAttribute('aria-busy')")


def _in_focus(page: Any) -> str:
    return str(page.locator("input[name=where]").first.get_attribute("value"))


def _labels_opened(chromium: Any, server: ReviewServer) -> tuple[Any, str]:
    """A new page with the labels in the order of their doubt, and the finding that is in focus."""
    page = chromium.new_page()
    page.goto(server.url)
    _press(page, "g", "l")
    return page, _in_focus(page)


def test_the_whole_job_by_keyboard(chromium: Any, page: Any, server: ReviewServer, run: Path, tmp_path: Path) -> None:
    audit = dechaff.open_run(run)
    _press(page, "g", "l")
    assert "codes=L001" in page.url
    page.keyboard.press("s")
    page.keyboard.type("film")
    _press(page, "Enter")
    assert "text=film" in page.url
    _press(page, "g", "l")
    decided: list[str] = []
    for key in ("Enter", "w", "q", "1", "2", "e", "Enter", "q", "w", "Enter"):
        decided.append(_in_focus(page))
        _press(page, key)
    assert len(set(decided)) == 10
    assert len([one for one in audit.log() if one.source == "human"]) == 10
    _press(page, "u", "Control+z", "u")
    assert _in_focus(page) == decided[7]
    assert audit.queue(codes="L001", status="open").total == audit.queue(codes="L001").total - 7
    _press(page, "Shift+Control+z")
    _press(page, "g", "l", "*", "Shift+Enter", "Shift+Enter")
    assert "/spot-checks/" in page.url
    left = audit.queue(codes="L001", status="open").total
    for _ in range(min(5, left)):
        _press(page, "Enter")
    _press(page, "Shift+Enter")
    page.wait_for_url("**/?status=open")
    assert audit.queue(codes="L001", status="open").total == 0
    page.click("#to-learn")
    page.wait_for_selector("#do-learn")
    page.wait_for_function("document.activeElement.id === 'focus'")
    _press(page, "Enter")
    page.wait_for_selector("text=/\\d+ findings? new/")
    page.goto("about:blank")  # what it fetches ahead would not be answered
    server.close()
    again = review(run, reviewer="ann")
    page.goto(again.url)
    _press(page, "u")  # the batch, after a restart
    assert "Undone" in page.inner_text("#said")
    _press(page, "Shift+Control+z")
    page.goto("about:blank")
    again.close()
    audit.apply(tmp_path / "improved.csv")
    _is_what_was_said(audit, tmp_path / "improved.csv")


def test_after_a_spot_check_all_of_a_filter_takes_few_keys(page: Any, run: Path) -> None:
    audit = dechaff.open_run(run)
    _press(page, "g", "l")
    total = audit.queue(codes="L001", status="open").total
    assert total > 20
    keys = ["*", "Shift+Enter", "Shift+Enter", *["Enter"] * 20, "Shift+Enter"]
    _press(page, *keys)
    page.wait_for_url("**/?status=open")
    assert audit.queue(codes="L001", status="accepted").total == total
    assert len(keys) <= 25  # however many findings there are


def _is_what_was_said(audit: dechaff.Audit, improved: Path) -> None:
    """Every row of the improved file is as the log says, in the order of the audited one."""
    source = pl.read_csv(audit.run.options["source"], infer_schema=False)
    dropped, labels = set(), {}
    for event in audit.run.decided().values():
        if event.action == "drop":
            dropped.add(event.row)
        if event.action == "relabel":
            labels[event.row] = event.new
    kept = source.filter(~pl.col("id").is_in(list(dropped)))
    expected = kept.with_columns(pl.col("id").replace_strict(labels, default=pl.col("mood")).alias("mood"))
    assert pl.read_csv(improved, infer_schema=False).equals(expected)


def test_keys_do_nothing_while_typing(page: Any, run: Path) -> None:
    for key in ("s", "/", "n", "c"):
        _press(page, key)
        page.keyboard.type("q1ew")
        _press(page, "Escape")
    assert all(one.source == "rule" for one in dechaff.open_run(run).log())
    page.locator("#focus").focus()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    assert page.evaluate("document.activeElement.id") == "keys"  # so that arrows scroll it
    _press(page, "q", "e")
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    assert all(one.source == "rule" for one in dechaff.open_run(run).log())


def test_a_note_a_class_and_a_cell_are_written_by_keyboard(page: Any, run: Path) -> None:
    _press(page, "g", "l")
    noted, audit = _in_focus(page), dechaff.open_run(run)
    page.keyboard.press("n")
    page.keyboard.type("ask Bo")
    _press(page, "Enter")
    typed = _in_focus(page)
    page.keyboard.press("/")
    page.keyboard.type("good")
    _press(page, "Enter")
    edited = _in_focus(page)
    page.keyboard.press("c")
    text = page.locator("details[open] textarea").input_value()
    page.locator("#edit-column").focus()
    page.locator("#edit-column").select_option("size")
    page.locator("input[name=field][value=size]").wait_for(state="attached")
    assert page.evaluate("document.activeElement.id") == "edit-column"
    assert page.locator("details[open] textarea").input_value() not in ("", text)
    page.locator("details[open] textarea").fill("0.5")
    page.keyboard.press("Tab")
    _press(page, "Enter")
    events = {one.finding_id: one for one in audit.log() if one.source == "human"}
    assert events[noted].note == "ask Bo"
    assert (events[typed].action, events[typed].new) == ("relabel", "good")
    assert (events[edited].action, events[edited].field, events[edited].new) == ("edit", "size", "0.5")


def test_the_back_button_and_the_address_hold_the_state(page: Any) -> None:
    _press(page, "g", "l")
    first = page.url
    shown = page.inner_text("h1")
    _press(page, "j", "j")
    moved = page.url
    assert moved != first
    page.go_back()
    page.go_back()
    page.wait_for_function(f"() => location.href === {first!r}")
    page.wait_for_timeout(50)
    _at_rest(page)
    assert page.inner_text("h1") == shown
    page.goto(moved)
    assert re.search(r"at=(L001-\d+)", page.url)[1] == _in_focus(page)  # type: ignore[index]


def _looked(page: Any) -> None:
    """Wait as long as a person who reads the row, until the next page is there."""
    with page.expect_response(lambda response: "/similar/" in response.url):
        pass
    page.wait_for_timeout(100)


def test_a_page_that_was_fetched_ahead_shows_what_was_decided(page: Any, run: Path) -> None:
    _press(page, "g", "l")
    first, total = _in_focus(page), page.inner_text("#list-title")
    assert page.locator(".others >> text=Most similar rows").count() == 1
    _looked(page)
    _press(page, "q")
    second = _in_focus(page)
    assert f"at={second}" in page.url
    page.wait_for_selector("text=Kept as is: 1 finding.")
    page.wait_for_selector(".so-far >> text=0% of 1 reviewed label".replace("0%", "0\N{NO-BREAK SPACE}%"))
    assert page.inner_text("#list-title") != total
    assert page.locator(f"#item-{first}").count() == 0  # it is open no longer
    assert [one.finding_id for one in dechaff.open_run(run).log() if one.source == "human"] == [first]
    _press(page, "u")
    assert _in_focus(page) == first


def test_a_decision_that_cannot_be_stored_is_said_and_the_row_stays(
    chromium: Any, server: ReviewServer, run: Path
) -> None:
    page, first = _labels_opened(chromium, server)
    _looked(page)
    page.evaluate("document.querySelector('form.decide input[name=where]').value = 'L001-999999'")
    page.locator("form.decide button[value=keep]").click()
    page.wait_for_selector("#said.bad:has-text('must be one of')")
    assert first in page.content()
    page.close()
    assert not [one for one in dechaff.open_run(run).log() if one.source == "human"]


def test_enter_decides_after_a_click_on_a_row_or_a_page(page: Any, run: Path) -> None:
    _press(page, "g", "l")
    page.locator(".items a").nth(2).click()
    _at_rest(page)
    third = _in_focus(page)
    _press(page, "Enter")
    page.wait_for_selector("#said:has-text('1 finding')")
    assert [one.finding_id for one in dechaff.open_run(run).log() if one.source == "human"] == [third]
    page.locator("#to-learn").focus()
    _press(page, "Enter")
    assert page.evaluate("document.activeElement.id") == "focus"


def test_a_selection_by_hand_lives_across_pages(page: Any) -> None:
    _press(page, "g", "l")
    picked = _in_focus(page)
    _press(page, "x", "j", "Shift+J")
    page.click("#no-filter")
    page.wait_for_url("**/?sort=score")
    _press(page, "Shift+Enter")
    assert "2 by hand" in page.inner_text("#preview")
    assert page.locator(f"input[name=chosen][value={picked}]").count() >= 1


def test_links_and_forms_work_without_scripts(chromium: Any, server: ReviewServer, run: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    page.click("#to-labels")
    first = _in_focus(page)
    page.click("form.decide button[value=keep]")
    assert "Kept as is: 1 finding." in page.inner_text("#said")
    assert _in_focus(page) != first
    page.click("#undo")
    assert "Undone: 1 decision." in page.inner_text("#said")
    page.fill("#search", "film")
    page.click("#do-filter")
    assert "text=film" in page.url
    page.check("#whole")
    page.click("#do-bulk")
    page.click("#draw")
    assert "/spot-checks/" in page.url
    page.click("#show-keys")
    assert page.locator("#keys").is_visible()
    context.close()


_PAGES = (
    "/?status=open", "/?sort=score&blind=1", "/?codes=X&text=none-such" , "/groups", "/slices", "/agreement", "/learn",
    "/log", "/bulk?status=open&whole=1",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_checker_of_accessibility_finds_nothing(chromium: Any, server: ReviewServer, scheme: str) -> None:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(server.url)
    page.keyboard.press("q")
    page.wait_for_selector("text=Kept as is")
    found = {}
    for path in _PAGES:
        page.goto(f"http://127.0.0.1:{server.port}{path}")
        results = axe.Axe().run(page)
        found[path] = [
            (one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in results.response["violations"]
        ]
    context.close()
    assert found == {path: [] for path in _PAGES}


@pytest.mark.parametrize("width", [360, 640, 900, 1280])
def test_no_page_scrolls_sideways(chromium: Any, server: ReviewServer, width: int) -> None:
    """640 pixels are 1280 at 200 % zoom."""
    context = chromium.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    page.goto(server.url)
    for path in _PAGES:
        page.goto(f"http://127.0.0.1:{server.port}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


def test_hostile_rows_run_nothing(page: Any, server: ReviewServer) -> None:
    for path in ("/?text=alert", "/rows/r%3Cb%3E5", "/log"):
        page.goto(f"http://127.0.0.1:{server.port}{path}")
        page.wait_for_timeout(100)
    # The fixture fails if a script, a dialog or a foreign request was seen.


def test_a_server_that_has_gone_is_said_and_the_page_stays(chromium: Any, server: ReviewServer) -> None:
    page = chromium.new_page()
    page.goto(server.url)
    _press(page, "j")
    page.wait_for_load_state("networkidle")  # a request on its way would hang once routes change
    shown = page.inner_text("h1")
    page.route("**/*", lambda route: route.abort())
    page.keyboard.press("q")
    page.wait_for_selector("text=The server does not answer")
    assert page.inner_text("h1") == shown
    page.close()


def test_a_label_that_is_no_class_is_said_and_the_row_stays(chromium: Any, server: ReviewServer, run: Path) -> None:
    page, first = _labels_opened(chromium, server)
    page.keyboard.press("/")
    page.keyboard.type("ugly")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said.bad:has-text('the new label must be one of the classes')")
    assert _in_focus(page) == first
    page.close()
    assert not [one for one in dechaff.open_run(run).log() if one.source == "human"]


def test_a_page_of_an_earlier_server_says_that_its_token_has_expired(
    chromium: Any, server: ReviewServer, run: Path
) -> None:
    page, first = _labels_opened(chromium, server)
    page.goto(page.url)  # nothing is asked for while the server closes
    server.close()
    again = review(run, reviewer="ann", port=server.port)
    page.locator("form.decide button[value=keep]").click()
    page.wait_for_selector("#said.bad:has-text('All decisions are stored')")
    assert _in_focus(page) == first
    page.goto(again.url)
    _press(page, "g", "l")
    assert _in_focus(page) == first
    page.close()
    again.close()


def test_a_row_whose_file_has_changed_is_said_on_the_page(chromium: Any, audited: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(audited, tmp_path / "moved"))
    audit = dechaff.audit(folder / "reviews.csv", label="mood", out=folder / "own")
    audit.prepare_review()
    (folder / "reviews.csv").write_text("id,text,size,mood\nr0,other,1,bad\n")
    served = review(audit.folder, reviewer="ann")
    page = chromium.new_page()
    page.goto(served.url)
    _press(page, "g", "l")
    assert page.locator(".note.attention").count() >= 1
    first = _in_focus(page)
    _press(page, "q")
    page.wait_for_selector("#said:has-text('Kept as is')")
    page.close()
    served.close()
    assert [one.finding_id for one in audit.log() if one.source == "human"] == [first]


def test_undo_reaches_back_over_a_kill(chromium: Any, run: Path) -> None:
    command = [sys.executable, "-m", "dechaff", "review", str(run), "--reviewer", "ann", "--no-open"]
    page = chromium.new_page()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as killed:
        assert killed.stdout
        page.goto(killed.stdout.readline().strip())
        _press(page, "g", "l")
        first = _in_focus(page)
        _press(page, "q")
        page.wait_for_selector("#said:has-text('Kept as is')")
        page.goto("about:blank")
        killed.kill()
    again = review(run, reviewer="ann")
    page.goto(again.url)
    _press(page, "u")
    assert "Undone: 1 decision." in page.inner_text("#said")
    assert _in_focus(page) == first
    page.close()
    again.close()


def test_a_finding_that_has_gone_is_said(page: Any, server: ReviewServer) -> None:
    page.goto(f"http://127.0.0.1:{server.port}/?codes=L001&status=open&at=L001-999999")
    assert "L001-999999 is no longer there" in page.inner_text(".focus .note.attention")


def test_a_run_folder_that_has_gone_is_said(chromium: Any, server: ReviewServer, run: Path) -> None:
    page, first = _labels_opened(chromium, server)
    run.rename(run.with_name("away"))
    page.locator("form.decide button[value=keep]").click()
    page.wait_for_selector("#said.bad:has-text('is no longer there. Put it back')")
    assert _in_focus(page) == first
    run.with_name("away").rename(run)
    page.locator("form.decide button[value=keep]").click()
    page.wait_for_selector("#said:has-text('Kept as is')")
    page.close()


def test_data_that_change_while_they_are_reviewed_are_said(chromium: Any, audited: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(audited, tmp_path / "changing"))
    audit = dechaff.audit(folder / "reviews.csv", label="mood", out=folder / "own")
    served = review(audit.folder, reviewer="ann")
    page, _ = _labels_opened(chromium, served)
    assert page.locator(".note.attention").count() == 0
    _looked(page)
    (folder / "reviews.csv").write_text("id,text,size,mood\nr0,other,1,bad\n")
    _press(page, "j", "j", "j")
    assert "no longer the one that was audited" in page.inner_text(".note.attention")
    page.close()
    served.close()


def test_a_suggestion_for_a_cell_is_accepted_and_written(chromium: Any, tmp_path: Path) -> None:
    rows = [f"w{number} x,{'Rome' if number % 2 else 'Paris'},{'ab'[number % 2]}" for number in range(120)]
    rows[3] = "w3 x,rome ,b"
    (tmp_path / "rows.csv").write_text("text,city,y\n" + "\n".join(rows) + "\n")
    audit = dechaff.audit(tmp_path / "rows.csv", label="y", out=tmp_path / "run")
    served = review(audit.folder, reviewer="ann")
    page = chromium.new_page()
    page.goto(served.url)
    _press(page, "g", "c")
    assert "Accept: edit the cell" in page.inner_text("form.decide")
    _press(page, "Enter")
    page.wait_for_selector("#said:has-text('Accepted: 1 finding.')")
    page.goto(f"http://127.0.0.1:{served.port}/?codes=C001")
    assert "rome → Rome" in " ".join(page.inner_text(".history").split())
    page.close()
    served.close()
    audit.apply(tmp_path / "new.csv")
    assert "w3 x,Rome,b" in (tmp_path / "new.csv").read_text()
