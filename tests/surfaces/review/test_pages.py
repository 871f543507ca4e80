"""Pages and forms over HTTP, as they work without any script."""

from __future__ import annotations

import csv
import re
import shutil
import socket
from collections import Counter
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import numpy as np
import pytest

import dechaff
from dechaff._version import __version__
from dechaff.api.review import row_view
from dechaff.errors import InputError, RunError
from dechaff.records import run as records_run
from dechaff.records.decision_log import read_events
from dechaff.records.decisions import Event
from dechaff.records.review import Filter
from dechaff.surfaces.review.server import ReviewServer, review, review_of_job
from tests.surfaces.review.conftest import HOSTILE, Browser, opened


def _first(browser: Browser, query: str = "?codes=L001&status=open") -> str:
    found = re.search(r'name="where" value="([^"]+)"', browser.page(f"/{query}"))
    assert found
    return found[1]


def _status(browser: Browser, finding_id: str) -> str:
    view = browser.server.site.opened.row(finding_id)
    return next(one.status for one in view.findings if one.finding_id == finding_id)


def test_an_empty_address_leads_to_what_is_open(browser: Browser) -> None:
    assert browser.ask("/").headers["location"] == "/?status=open"


@pytest.mark.parametrize(
    "path",
    [
        "/?status=open", "/?sort=row", "/?sort=random&blind=1", "/?least=0.5&most=0.9", "/?text=film", "/?codes=D001",
        "/?given=bad&suggested=good", "/?pair=bad%20%E2%86%92%20good", "/?conflicts=1", "/?reviewers=nobody", "/groups",
        "/groups?code=D001&all=1", "/slices", "/agreement", "/log", "/learn", "/bulk?status=open&whole=1",
        "/bulk?codes=L001&status=open",
    ],
)  # fmt: skip
def test_every_page_is_there_and_shows_data_as_text(browser: Browser, path: str) -> None:
    content = browser.page(path)
    assert "<script>alert" not in content
    assert "<img src=x" not in content
    assert "\u202e" not in content
    assert "\x07" not in content


def test_a_finding_about_no_row_is_shown_too(browser: Browser) -> None:
    audit = browser.server.site.opened
    others = [one for one in audit.queue(size=1000).items if not one.about_row]
    for one in others:
        assert f'name="where" value="{one.finding_id}"' in browser.page(f"/?codes={one.code}&at={one.finding_id}")
    assert {one.code for one in others} <= {"L005", "F001", "F002", "F003", "L002", "R001", "L004"}


def test_the_hostile_row_is_shown_whole_and_escaped(browser: Browser) -> None:
    content = browser.page("/rows/" + "r%3Cb%3E5")
    assert "<mark>&lt;script&gt;</mark>" in content  # what the finding quotes
    assert "alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;" in content
    assert "r&lt;b&gt;5" in content


def test_a_decision_leads_to_the_next_finding_and_says_what_was_done(browser: Browser) -> None:
    first = _first(browser)
    second = re.search(r'name="next" value="([^"]+)"', browser.page("/?codes=L001&status=open"))
    assert second
    where = ("where", first), ("back", "/?codes=L001&status=open"), ("next", second[1])
    answer = browser.ask("/decide", [*where, ("say", "accept")])
    assert answer.headers["location"] == f"/?codes=L001&status=open&at={second[1]}"
    said = answer.headers["set-cookie"].split(";")[0]
    assert "Accepted: 1 finding." in browser.ask("/log", Cookie=f"{browser.cookie}; {said}").body  # type: ignore[attr-defined]
    assert _status(browser, first) == "accepted"
    (event,) = [one for one in browser.server.site.opened.log() if one.source == "human"]
    assert (event.actor, event.blind, event.finding_id) == ("ann", 0, first)


def test_keep_relabel_exclude_flag_edit_and_open_again_are_stored_with_who_said_it(browser: Browser) -> None:
    audit, first = browser.server.site.opened, _first(browser)
    given = audit.row(first).given
    other = "good" if given == "bad" else "bad"
    for fields, status in (
        ([("say", "keep")], "kept"),
        ([("say", f"relabel:{other}")], "accepted"),
        ([("say", "relabel"), ("to", given)], "kept"),  # the class that it has: the label is right
        ([("say", "exclude")], "excluded"),
        ([("say", "flag"), ("note", "ask Bo <b>")], "flagged"),
        ([("say", "open"), ("blind", "1")], "open"),
        ([("say", "edit"), ("field", "size"), ("to", "1.5")], "edited"),
    ):
        browser.post("/decide", ("where", first), ("back", "/?status=open"), *fields)
        assert _status(browser, first) == status, fields
    said = [one for one in audit.log() if one.source == "human"]
    assert {one.actor for one in said} == {"ann"}
    assert said[4].note == "ask Bo <b>"
    assert said[5].blind == 1
    assert "ask Bo &lt;b&gt;" in browser.page(f"/rows/{audit.row(first).key}")


def test_blind_mode_hides_what_the_model_thinks(browser: Browser) -> None:
    seen, blind = browser.page("/?codes=L001&status=open"), browser.page("/?codes=L001&status=open&blind=1")
    for words in ("suggested</small>", "How likely each class is", "Proposed", 'value="accept"'):
        assert words in seen
        assert words not in blind
    assert 'name="blind" value="1"' in blind
    others = re.findall(r'<a href="(/[^"]*)" (?:data-act|id)="', blind)
    assert len(others) > 10
    assert [one for one in others if "blind=1" not in one and one != "/?codes=L001&amp;status=open"] == []
    for path in ("/groups", "/slices", "/log"):
        assert 'href="/?status=open&amp;blind=1"' in browser.page(f"{path}?blind=1")
    assert browser.ask("/conflicts?blind=1").headers["location"] == "/?conflicts=1&blind=1"
    check = browser.post("/spot-check", ("query", "?codes=L001&status=open&blind=1"), ("whole", "1"))
    assert check.endswith("?blind=1")
    assert "suggested</small>" not in browser.page(check)


def test_the_words_that_speak_for_each_class_are_marked_in_its_own_way(browser: Browser) -> None:
    content = browser.page("/?codes=L001&status=open")
    assert re.search(r'<mark class="for-other" title="speaks for (good|bad)">', content)
    assert re.search(r'<mark class="for-other">words</mark> that speak for <bdi>(good|bad)</bdi>', content)


def test_a_cell_is_edited_as_it_is_with_characters_that_are_shown_as_signs(browser: Browser) -> None:
    text = re.search(r'<textarea name="to" rows="2">\n([^<]*)</textarea>', browser.page("/rows/r%3Cb%3E5"))
    assert text
    assert unescape(text[1].replace("&#7;", "BELL")) == HOSTILE.replace("\x07", "BELL")
    audit, first = browser.server.site.opened, _first(browser)
    said = ("say", "edit"), ("field", "text"), ("to", "two\r\nlines")
    browser.post("/decide", ("where", first), ("back", "/"), *said)
    assert next(one.new for one in audit.log() if one.action == "edit") == "two\nlines"


def test_another_column_is_edited_from_its_own_text_without_scripts(browser: Browser) -> None:
    asked = browser.page("/rows/r%3Cb%3E5?edit=size")
    assert re.search(r'<details class="more-forms" open>\s*<summary data-act="edit"', asked)
    assert '<input type="hidden" name="field" value="size">' in asked
    assert re.search(r'<textarea name="to" rows="2">\n0.1</textarea>', asked)
    queue = browser.page("/?codes=L001&status=open")
    form = re.search(r'<form method="get" action="/">(?:(?!</form>).)*name="edit"', queue, re.DOTALL)
    assert form
    assert 'name="codes" value="L001"' in form[0]
    assert f'name="at" value="{_first(browser)}"' in form[0]
    assert ' open>\n  <summary data-act="edit"' not in browser.page("/?codes=L001&edit=&status=open")


def test_undo_and_redo_take_one_step_each_and_show_the_row(browser: Browser) -> None:
    first, back = _first(browser), ("back", "/?status=open")
    browser.post("/decide", ("where", first), back, ("say", "exclude"))
    assert browser.post("/undo", back) == f"/?status=open&at={first}"
    assert _status(browser, first) == "open"
    assert browser.post("/redo", back) == f"/?status=open&at={first}"
    assert _status(browser, first) == "excluded"
    browser.post("/undo", back)
    assert browser.post("/undo", back) == "/?status=open"  # nothing is left, which is no error
    assert f'id="item-{first}"' in browser.page(f"/?status=open&at={first}")


def test_a_finding_in_focus_that_the_filter_leaves_out_is_still_shown(browser: Browser) -> None:
    first = _first(browser)
    content = browser.page(f"/?codes=D001&at={first}")
    assert f'name="where" value="{first}"' in content


def test_a_spot_check_then_the_rest_as_one_batch(browser: Browser) -> None:
    audit = browser.server.site.opened
    total = audit.queue(codes="L001", status="open").total
    assert f"{total:,} by this filter, 0 by hand" in browser.page("/bulk?codes=L001&status=open&whole=1")
    check = browser.post("/spot-check", ("query", "?codes=L001&status=open"), ("whole", "1"))
    content = browser.page(check)
    assert "drawn at random" in content
    for number in range(3):
        finding = re.search(r'name="where" value="([^"]+)"', browser.page(check))
        assert finding
        browser.post("/decide", ("where", finding[1]), ("back", check), ("say", "accept" if number else "keep"))
    assert "Precision <strong>66.7\N{NO-BREAK SPACE}%</strong>" in browser.page(check)
    browser.post("/accept", ("check", check.rpartition("/")[2]))
    assert audit.queue(codes="L001", status="open").total == 0
    assert audit.queue(codes="L001", status="kept").total == 1
    browser.post("/undo", ("back", "/"))
    assert audit.queue(codes="L001", status="open").total == total - 3


def test_many_findings_without_a_fix_are_kept_or_excluded_as_one_batch(browser: Browser) -> None:
    audit = browser.server.site.opened
    chosen = [("chosen", one.finding_id) for one in audit.queue(codes="L001", size=3).items]
    for say, status in (("keep", "kept"), ("exclude", "excluded")):
        assert f'name="say" value="{say}"' in browser.page("/bulk?" + "&".join(f"chosen={one}" for _, one in chosen))
        assert browser.post("/accept", *chosen, ("say", say)) == "/?status=open"
        assert audit.queue(status=status).total == 3
        assert audit.precision().reviewed == 0
        browser.post("/undo", ("back", "/"))
    assert audit.queue(status=["kept", "excluded"]).total == 0


def test_a_choice_by_hand_alone_accepts_just_that(browser: Browser) -> None:
    audit = browser.server.site.opened
    chosen = [one.finding_id for one in audit.queue(codes="L001", size=3).items]
    query = "&".join(f"chosen={one}" for one in chosen)
    assert "3 by hand, of" in browser.page(f"/bulk?codes=L001&{query}")
    browser.post("/accept", ("query", "?codes=L001"), *(("chosen", one) for one in chosen))
    assert audit.queue(codes="L001", status="accepted").total == 3


def test_copies_are_one_decision(browser: Browser) -> None:
    content = browser.page("/groups?code=D001")
    members = re.findall(r'name="where" value="([^"]+)"', content)
    assert len(members) == 2
    assert "differs" in content  # their ids
    browser.post("/decide", *(("where", one) for one in members), ("back", "/groups"), ("say", f"merge:{members[0]}"))
    actions = {one.finding_id: one.action for one in browser.server.site.opened.log() if one.source == "human"}
    assert actions == {members[0]: "keep", members[1]: "drop"}
    assert members[0] not in browser.page("/groups?code=D001")  # the next group
    assert members[0] in browser.page("/groups?code=D001&all=1")
    assert browser.server.site.opened.group(_group_name(browser, members[0])).open == 0


def _group_name(browser: Browser, finding_id: str) -> str:
    item = next(one for one in browser.server.site.opened.row(finding_id).findings if one.finding_id == finding_id)
    return f"{item.code}:{item.group}"


def test_learning_is_a_job_with_its_outcome(browser: Browser) -> None:
    for item in browser.server.site.opened.queue(codes="L001", size=6).items:
        browser.post("/decide", ("where", item.finding_id), ("back", "/"), ("say", "accept"))
    job = browser.post("/learn")
    events = browser.ask(f"{job}/events").body  # type: ignore[attr-defined]
    assert '"state": "done"' in events.strip().splitlines()[-1]
    assert re.search(r"\d+ findings? new, \d+ findings? gone", browser.page(job))
    assert browser.server.site.opened.versions[-1].number >= 2 or len(browser.server.site.opened.versions) == 2
    assert browser.ask("/jobs/other").status == 400


def test_the_scores_follow_every_few_reviews_beside_the_review(run: Path) -> None:
    served = review(run, reviewer="ann", learn_every=3)
    browser, audit = opened(served), served.site.opened
    for number, item in enumerate(audit.queue(codes="L001", size=4).items):
        browser.post("/decide", ("where", item.finding_id), ("back", "/"), ("say", "accept" if number else "flag"))
        assert (served.site.job is None) == (number < 3)
    assert served.site.job
    browser.ask(f"/jobs/{served.site.job.id}/events")
    assert re.search(
        r'role="status">Learned from 3 reviews: \d+ findings? new, \d+ findings? gone\.<', browser.page("/log")
    )
    assert "Learned from" not in browser.page("/log")
    assert "What the last learning changed" in browser.page("/learn")
    assert [one.kind for one in audit.versions] == ["audit", "scores"]
    served.close()
    with pytest.raises(InputError, match="learn_every must be 0 or more"):
        review(run, learn_every=-1, start=False)


def test_models_are_trained_on_the_corrected_labels_on_request(browser: Browser) -> None:
    audit = browser.server.site.opened
    for item in audit.queue(codes="L001").items[:4]:
        audit.decide(item.finding_id, "accept", reviewer="ann")
    job = browser.post("/learn", ("models", "1"))
    events = browser.ask(f"{job}/events").body  # type: ignore[attr-defined]
    assert '"state": "done"' in events.strip().splitlines()[-1]
    assert [version.kind for version in audit.versions] == ["audit", "models"]


def test_learning_without_reviews_is_a_clear_sentence(browser: Browser) -> None:
    job = browser.post("/learn")
    browser.ask(f"{job}/events")
    assert "review" in browser.page(job)
    assert "note attention" in browser.page(job)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/?sort=size", "sort must be one of"), ("/?codes=X999", "the code must be one of this audit"),
        ("/?after=here", "the cursor must be one that a page gave"), ("/?least=much", "least must be a number"),
        ("/rows/none", "the row must be one of the audited data"), ("/groups/D001:none", "the group must be one"),
        ("/slices/none", "the slice must be one of this audit"), ("/spot-checks/x1", "the spot-check must be one"),
        ("/spot-checks/..%2F..%2Foptions", ""), ("/groups?after=x", ""),
    ],
)  # fmt: skip
def test_a_wrong_address_is_a_clear_sentence(browser: Browser, path: str, sentence: str) -> None:
    answer = browser.ask(path)
    assert answer.status in (400, 404)
    assert sentence in unescape(answer.body)  # type: ignore[attr-defined]
    assert "Traceback" not in answer.body  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ([("where", "L001-999999"), ("say", "accept")], "must be one"),
        ([("say", "accept")], "the findings must be at least one"),
        ([("where", "FIRST"), ("say", "destroy")], "the decision must be one of"),
        ([("where", "FIRST"), ("say", "relabel"), ("to", "ugly")], "the new label must be one of the classes"),
        ([("where", "FIRST"), ("say", "edit"), ("field", "none"), ("to", "1")], "the column must be one of the data"),
    ],
)
def test_a_decision_that_is_not_possible_changes_nothing(
    browser: Browser, fields: list[tuple[str, str]], sentence: str
) -> None:
    audit, first = browser.server.site.opened, _first(browser)
    before = audit.log()
    answer = browser.ask("/decide", [(name, value.replace("FIRST", first)) for name, value in fields])
    assert answer.status == 400
    assert sentence in unescape(answer.body)  # type: ignore[attr-defined]
    assert audit.log() == before


@pytest.mark.parametrize("path", ["/static/server.py", "/static/..%2Fserver.py", "/media/..%2F..%2Fetc%2Fpasswd", "/x"])
def test_no_other_file_is_served(browser: Browser, path: str) -> None:
    assert browser.ask(path).status in (400, 404)


def test_two_servers_on_one_run_see_each_others_decisions(run: Path, browser: Browser) -> None:
    other = review(run, reviewer="bo")
    second = opened(other)
    first = _first(browser)
    browser.post("/decide", ("where", first), ("back", "/"), ("say", "accept"))
    assert _status(second, first) == "accepted"
    second.post("/decide", ("where", first), ("back", "/"), ("say", "keep"))
    assert "kept" in browser.page("/?conflicts=1")
    assert second.post("/undo", ("back", "/")) == f"/?at={first}"
    assert _status(browser, first) == "accepted"
    other.close()


def test_a_row_whose_file_has_changed_is_said_and_decisions_still_work(audited: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(audited, tmp_path / "moved"))
    source = folder / "reviews.csv"
    audit = dechaff.audit(source, label="mood", out=folder / "own")
    audit.prepare_review()
    source.write_text("id,text,size,mood\nr0,other,1,bad\n")
    served = review(audit.folder)
    browser = opened(served)
    first = _first(browser)
    content = browser.page(f"/?at={first}")
    assert "note attention" in content
    browser.post("/decide", ("where", first), ("back", "/"), ("say", "keep"))
    assert _status(browser, first) == "kept"
    served.close()


def test_images_are_served_by_what_they_are_and_svg_never(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(12):
            shade = rng.integers(0, 60, (8, 8, 3)) + (150 if name == "cat" else 0)
            image.fromarray(shade.astype(np.uint8)).save(tmp_path / "data" / name / f"{number}.png")
    audit = dechaff.audit(tmp_path / "data", out=tmp_path / "run")
    served = review(audit)
    browser = opened(served)
    key = str(audit.scores["key"][0])
    answer = browser.ask(f"/media/{key}")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert f'src="/media/{key}"' in browser.page(f"/rows/{key}")
    file = Path(audit.row(key).image)
    file.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    assert browser.ask(f"/media/{key}").status in (400, 404, 415)
    file.unlink()
    assert browser.ask(f"/media/{key}").status in (400, 404)
    assert audit.row(key).problem.startswith(f"Cannot find {file}")
    served.close()


def test_an_audit_shows_its_progress_and_then_its_queue(run: Path) -> None:
    from threading import Event

    go = Event()

    def work(progress: object) -> dechaff.Audit:
        progress("baseline", 1, 4)  # type: ignore[operator]
        go.wait(20)
        return dechaff.open_run(run)

    served = review_of_job("Auditing reviews.csv", work).start()
    browser = opened(served)
    job = browser.ask("/?status=open").headers["location"]
    assert job.startswith("/jobs/")
    content = browser.page(job)
    assert "baseline" in content
    assert "Auditing reviews.csv" in content
    go.set()
    browser.ask(f"{job}/events")
    assert browser.ask(job).headers["location"] == "/?status=open"
    assert "findings" in browser.page("/?status=open")
    served.close()


def test_an_audit_that_fails_is_said_on_the_page(tmp_path: Path) -> None:
    served = review_of_job("Auditing", lambda progress: dechaff.audit(tmp_path / "none.csv", label="y")).start()
    browser = opened(served)
    job = browser.ask("/").headers["location"]
    browser.ask(f"{job}/events")
    assert "No such file" in browser.page(job)
    served.close()


def test_long_work_is_cancelled_at_its_next_step(run: Path) -> None:
    from threading import Event

    begun, go = Event(), Event()

    def work(progress: object) -> dechaff.Audit:
        begun.set()
        go.wait(20)
        progress("step", 1, 2)  # type: ignore[operator]
        raise AssertionError("it must have ended")

    served = review_of_job("Auditing", work).start()
    browser = opened(served)
    begun.wait(20)
    job = browser.ask("/").headers["location"]
    browser.post(f"{job}/cancel")
    go.set()
    browser.ask(f"{job}/events")
    assert "Cancelled. Nothing was changed." in browser.page(job)
    served.close()


def test_a_port_in_use_is_a_clear_error(run: Path, server: ReviewServer) -> None:
    with pytest.raises(InputError, match=rf"port must be free; found {server.port}, which cannot be used"):
        review(run, port=server.port, start=False)
    with pytest.raises(InputError, match="from 0 to 65535"):
        review(run, port=70000, start=False)


def test_a_run_of_a_newer_version_or_with_a_broken_table_is_a_clear_error(run: Path) -> None:
    options = run / "options.json"
    written = options.read_text()
    options.write_text(written.replace(f'"dechaff": "{__version__}"', '"dechaff": "99.0.0"'))
    with pytest.raises(RunError, match=r"was written by dechaff 99\.0\.0, a newer version"):
        dechaff.open_run(run)
    options.write_text(written)
    (run / "findings.parquet").write_bytes(b"garbage")
    with pytest.raises(RunError, match="Cannot read the findings and scores"):
        dechaff.open_run(run).prepare_review()


def test_small_answers_do_not_wait_for_an_acknowledgement(server: ReviewServer) -> None:
    assert server._socket.proto == socket.IPPROTO_TCP  # on which asyncio sets TCP_NODELAY


def test_parts_that_a_page_fetches_later_are_whole_without_scripts(browser: Browser) -> None:
    first = _first(browser)
    key = browser.server.site.opened.row(first).key
    page = browser.page(f"/?at={first}")
    assert f'data-later="/similar/{key}"' in page
    assert f'href="/rows/{key}">Most similar rows' in page
    assert "Most similar rows" in browser.page(f"/similar/{key}")
    assert page.count("Most similar rows") == 1
    assert browser.page(f"/rows/{key}").count('class="id"') == 3
    for path in ("/so-far", "/learn"):
        assert "No label reviewed yet" in browser.page(path)
    browser.post("/decide", ("where", first), ("back", "/"), ("say", "keep"))
    for path in ("/so-far", "/learn"):
        assert "reviewed label really wrong" in browser.page(path)


def test_a_notebook_shows_the_page_in_place(server: ReviewServer) -> None:
    shown = server._repr_html_()
    assert f"/?token={server.token}" in shown
    assert "<iframe" in shown


def test_a_page_that_is_fetched_ahead_leaves_what_was_done_for_the_page_itself(browser: Browser) -> None:
    answer = browser.ask("/decide", [("where", _first(browser)), ("back", "/?status=open"), ("say", "keep")])
    both = f"{browser.cookie}; {answer.headers['set-cookie'].split(';')[0]}"
    ahead = browser.ask("/?status=open", Cookie=both, **{"Dechaff-Ahead": "1"})
    assert "Kept as is" not in ahead.body  # type: ignore[attr-defined]
    assert ahead.headers["set-cookie"] is None
    assert "Kept as is" in browser.ask("/?status=open", Cookie=both).body  # type: ignore[attr-defined]


def test_what_was_kept_in_a_spot_check_stays_kept_when_the_rest_is_accepted(browser: Browser) -> None:
    audit = browser.server.site.opened
    chosen = [one.finding_id for one in audit.queue(codes="L001", status="open", size=4).items]
    check = audit.spot_check(None, chosen, n=1)
    audit.decide(check.items[0].finding_id, "keep", reviewer="ann")
    assert sum(audit.preview(None, chosen).changes.values()) == 3
    assert audit.accept_rest(check, reviewer="ann").findings == 3
    assert _status(browser, check.items[0].finding_id) == "kept"


def test_the_preview_says_what_accepting_then_does(browser: Browser) -> None:
    audit = browser.server.site.opened
    promised = audit.preview(Filter(status=("open",))).changes
    audit.accept_rest(Filter(status=("open",)), reviewer="ann")
    done = Counter(one.action for one in audit.log() if one.source == "human")
    assert promised == dict(done)


def _light_cats_and_dark_dogs(folder: Path) -> None:
    """Twelve small images of noise in each of two folders."""
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    rng = np.random.default_rng(0)
    for name, shade in (("cat", 150), ("dog", 0)):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            pixels = (rng.integers(0, 60, (8, 8, 3)) + shade).astype(np.uint8)
            image.fromarray(pixels).save(folder / name / f"{number}.png")


def test_images_and_arrays_have_rows_most_like_a_row(tmp_path: Path) -> None:
    _light_cats_and_dark_dogs(tmp_path / "data")
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1], 30)
    features = rng.normal(size=(60, 4)) + 6 * labels[:, None]
    np.savez(tmp_path / "data.npz", labels=labels, features=features, class_names=np.array(["cat", "dog"]))
    for source, out in ((tmp_path / "data", "images"), (tmp_path / "data.npz", "arrays")):
        folder = dechaff.audit(source, out=tmp_path / out).folder
        view = dechaff.open_run(folder).row(str(dechaff.open_run(folder).scores["key"][0]))
        assert [one.label for one in view.neighbours] == [view.given] * 3
        assert view.key not in {one.key for one in view.neighbours}
        assert view.problem == ""


def test_an_image_that_was_replaced_is_said(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(12):
            image.fromarray(rng.integers(0, 255, (8, 8, 3)).astype(np.uint8)).save(
                tmp_path / "data" / name / f"{number}.png"
            )
    audit = dechaff.open_run(dechaff.audit(tmp_path / "data", out=tmp_path / "run").folder)
    key = str(audit.scores["key"][0])
    Path(audit.row(key).image).write_bytes((tmp_path / "data" / "dog" / "11.png").read_bytes())
    assert "no longer the one that was audited" in audit.row(key).problem


def test_blind_mode_hides_what_others_and_rules_have_decided(browser: Browser) -> None:
    audit = browser.server.site.opened
    first, second = audit.queue(codes="L001", status="open", size=2).items
    audit.decide(first.finding_id, "exclude", reviewer="bob", note="surely wrong")
    audit.decide(second.finding_id, "keep", reviewer="ann", note="seems fine")
    other = browser.page(f"/?codes=L001&at={first.finding_id}")
    assert "surely wrong" in other
    assert "speaks for" in other
    blind = browser.page(f"/?codes=L001&at={first.finding_id}&blind=1")
    assert not re.search("surely wrong|by <bdi>bob|status excluded|speaks for|<strong>drop|Accept: ", blind)
    assert "reviewed</span>" in blind
    assert "seems fine" in browser.page(f"/?codes=L001&at={second.finding_id}&blind=1")


def test_a_list_without_findings_offers_nothing_to_accept(browser: Browser) -> None:
    content = browser.page("/?text=nosuchword")
    assert "0 of " in content
    assert 'id="do-bulk"' not in content
    assert "1–0" not in content


def test_images_are_shown_side_by_side_and_beside_the_rows_like_them(tmp_path: Path) -> None:
    _light_cats_and_dark_dogs(tmp_path / "data")
    shutil.copy(tmp_path / "data" / "cat" / "3.png", tmp_path / "data" / "dog" / "copy.png")
    served = review(dechaff.audit(tmp_path / "data", out=tmp_path / "run"))
    browser = opened(served)
    group = browser.page("/groups?code=D003")
    assert len(re.findall('<img src="/media/[^"]+" alt="Image of row (?:cat/3|dog/copy).png"', group)) == 2
    one = served.site.opened.queue(codes="D003").items[0]
    thumbs = re.findall('<img class="thumb" src="/media/[^"]+" alt="Image of row', browser.page(f"/similar/{one.key}"))
    assert len(thumbs) == 3
    assert 'id="open-edit"' not in browser.page(f"/?codes=D003&at={one.finding_id}")
    served.close()


def test_a_page_of_the_queue_does_not_read_all_decisions(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.page("/?codes=L001&status=open")
    asked: list[Sequence[str] | None] = []

    def counted(path: Path, *, by_reviewers: bool = False, keys: Sequence[str] | None = None) -> list[Event]:
        asked.append(keys)
        return read_events(path, by_reviewers=by_reviewers, keys=keys)

    for module in (records_run, row_view):
        monkeypatch.setattr(module, "read_events", counted)
    browser.page("/?codes=L001&status=open")
    assert asked
    assert all(keys is not None and len(keys) == 1 for keys in asked)


@pytest.fixture(scope="module")
def augmented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on augmented rows: r0 is there twice, and three rows were made from its copy r1."""
    folder = tmp_path_factory.mktemp("augmented")
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["sun", "rain", "fog", "hail", "dew", "ice", "wind", "snow"], 9)) for _ in range(24)]
    rows = [(f"r{at}", text, "ab"[at % 2], f"r{at}") for at, text in enumerate(texts)]
    rows[1] = ("r1", texts[0], "a", "r1")
    rows += [(f"r1+{at}", f"{texts[0]} storm{at}", "a", "r1") for at in (1, 2, 3)]
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "text", "label", "aug_of"), *rows])
    dechaff.audit(folder / "rows.csv", label="label", id="id", only=["D001"], policy="review", out=folder / "run")
    return folder / "run"


def test_rows_made_by_augmentation_are_shown_with_the_row_that_they_follow(augmented: Path) -> None:
    server = review(augmented, reviewer="ann")
    browser, audit = opened(server), server.site.opened
    dropped = next(one for one in audit.queue(codes="D001").items if one.accepts == "drop")
    assert dropped.row == "r1"
    assert audit.preview(Filter(codes=("D001",))).made_rows == 3
    assert "<strong>3</strong> made from them by data augmentation" in browser.page("/bulk?codes=D001&whole=1")
    page = browser.page("/rows/r1")
    assert "3 rows made from this one by data augmentation" in page
    assert "excluded and relabelled with it" in page
    child = re.search(r'href="(/rows/[^"]+)"><bdi>r1\+1</bdi>', page)
    assert child
    assert "It is excluded or relabelled with that row" in browser.page(child[1])
    browser.post("/decide", ("where", dropped.finding_id), ("back", "/"), ("say", "accept"))
    assert "They are excluded, too" in browser.page("/rows/r1")
    follows = browser.page(child[1])
    assert "which is excluded: so is this row" in follows
    assert "This row is excluded." in follows
    view = audit.row("r1+1")
    assert (view.excluded, view.family.follows, audit.row("r2").family.made) == (True, True, 0)
    browser.post("/decide", ("where", view.key), ("back", "/"), ("say", "keep"))
    view = audit.row("r1+1")
    assert (view.excluded, view.family.follows) == (False, False)
    server.close()
