from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Any, get_args

import pytest

from dechaff.errors import RunError
from dechaff.methods.noisy_slices.examine_slice import SliceAction
from dechaff.records.metrics import Examples, Metrics
from dechaff.records.record import converted
from dechaff.report.html import render_fragment, render_html
from dechaff.report.html.page import CHAPTERS
from tests.report.hostile_run import HOSTILE, hostile_run
from tests.report.page_outline import Outline, outline
from tests.report.sample_run import believable_run, empty_run, recorded

TWO_MEGABYTES = 2_000_000
_PLAIN_TAGS = """
html head meta title link style body div nav p ol ul li a main header section h1 h2 h3 h4 h5 dl dt
dd strong em small span code pre bdi mark table caption thead tbody tr th td details summary article
figure figcaption footer img svg g rect circle line path text desc defs pattern
"""
_TAGS = set(_PLAIN_TAGS.split())


@cache
def _page(kind: str) -> str:
    inputs = {
        "believable": believable_run,
        "hostile": hostile_run,
        "empty": empty_run,
        "untrusted": lambda: believable_run(proof=None, trusted=False),
        "worse": lambda: believable_run(proof="worse"),
        "no evidence": lambda: believable_run(proof="no evidence"),
    }[kind]()
    return render_html(recorded(*inputs))


@cache
def _outline(kind: str) -> Outline:
    return outline(_page(kind))


every_page = pytest.mark.parametrize("kind", ["believable", "hostile", "empty", "untrusted", "worse", "no evidence"])


@pytest.mark.slow
@every_page
def test_a_page_is_well_formed_and_made_of_harmless_tags_only(kind: str) -> None:
    page = _outline(kind)
    assert not page.wrong
    assert {tag for tag, _ in page.tags} <= _TAGS
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


@every_page
def test_a_page_requests_nothing(kind: str) -> None:
    page = _outline(kind)
    assert all(target.startswith("#") or target == "data:," for target in page.values("href"))
    assert not page.values("src")
    styles = re.sub(r"<title>.*?</title>", "", _page(kind).split("</style>")[0], flags=re.DOTALL)
    assert "url(" not in styles
    assert "@import" not in styles
    assert "default-src 'none'" in page.values("content")[0]


@every_page
def test_links_and_names_lead_somewhere(kind: str) -> None:
    page = _outline(kind)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    named = [name for value in ("aria-labelledby", "aria-describedby") for name in page.values(value)]
    assert {target[1:] for target in page.values("href") if target.startswith("#")} | set(named) <= set(ids)


@every_page
def test_headings_go_down_one_level_at_a_time(kind: str) -> None:
    levels = _outline(kind).levels
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@every_page
def test_tables_have_captions_and_pictures_have_names(kind: str) -> None:
    tags = _outline(kind).tags
    assert all(tags[i + 1][0] == "caption" for i, (tag, _) in enumerate(tags) if tag == "table")
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")
    pictures = [attributes for tag, attributes in tags if tag == "svg"]
    assert all({"aria-labelledby", "aria-label"} & set(one) or one.get("aria-hidden") == "true" for one in pictures)


@every_page
def test_every_chapter_is_there_and_says_something(kind: str) -> None:
    page = _page(kind)
    of_some = ("annotators", "curriculum", "drift", "cells", "features", "labelling", "engine", "augmentation")
    others = of_some if kind == "empty" else ()
    asked = [anchor for anchor, _ in CHAPTERS if anchor not in others]
    places = [page.index(f'<section id="{anchor}"') for anchor in asked]
    assert places == sorted(places)
    for part in re.findall(r"<section id=.*?</section>", page, flags=re.DOTALL):
        title, _, said = part.partition("</h2>")
        assert len(outline(said.removesuffix("</section>")).shown) > 20, title


@pytest.mark.slow
@pytest.mark.parametrize("text", [HOSTILE, "&\"<'>", "👩", "\x00", "W"])
def test_a_page_stays_under_two_megabytes(text: str) -> None:
    page = render_html(recorded(*hostile_run(text=text, length=2_000)))
    assert len(page.encode("utf-8")) < TWO_MEGABYTES


@pytest.mark.slow
def test_cells_as_long_as_a_book_make_the_page_no_larger() -> None:
    page = render_html(recorded(*hostile_run(text="word ", length=10_000)))
    assert abs(len(page) - len(render_html(recorded(*hostile_run(text="word ", length=2_000))))) < 1_000


def test_hostile_text_is_shown_as_text() -> None:
    page = _outline("hostile")
    assert "<script>alert(1)</script>" in page.shown
    assert "{{ 7*7 }}" in page.shown
    assert "\u202e" not in _page("hostile")


def test_the_page_is_the_same_whenever_and_wherever_it_is_written() -> None:
    metrics, examples, options, findings = believable_run()
    other = options | {"started": "2040-01-01T00:00:00", "seconds": 9000, "threads": 1, "out": "/elsewhere"}
    page = render_html(recorded(metrics, examples, other, findings))
    assert page == _page("believable")
    assert "2031" not in page
    assert "7043.9" not in page


def test_noisy_slices_come_first_although_label_errors_are_more_numerous() -> None:
    page = _page("believable")
    assert page.index('<details class="block" id="L002"') < page.index('<details class="block" id="L001"')
    assert page.index("review contains markup") < page.index("R4000")


def test_the_verdict_is_the_proof_where_there_is_one() -> None:
    assert "Better" in _verdict("believable")
    assert "No evidence" in _verdict("no evidence")
    assert "Worse" in _verdict("worse")
    assert "Labels cannot be judged" in _verdict("untrusted")
    assert "Labels not judged" in _verdict("empty")


def _verdict(kind: str) -> str:
    return outline(_page(kind).split('<dl class="figures">')[0]).shown


def test_what_the_proof_left_out_and_what_else_changed_is_said() -> None:
    shown = _outline("believable").shown
    assert "12 test rows are also in the training data" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert "2 test rows without a label were left out." in shown
    assert "0 added, 3 with other cells changed." in shown
    assert "1 test row stands in the cleaned data and not in the data before: 17." in shown


def test_an_untrusted_baseline_is_said_where_the_labels_are_spoken_of() -> None:
    shown = _outline("untrusted").shown
    assert "Too weak to judge labels" in shown
    assert "The label noise was not estimated, because the baseline is too weak" in shown


def test_a_check_that_was_not_run_is_named_with_its_reason() -> None:
    assert "O001 outliers: interrupted by the user" in _outline("believable").shown


def test_the_part_that_matters_is_marked_and_the_given_label_comes_first() -> None:
    page = _page("believable")
    assert "<mark>never came</mark>" in page
    assert "given good → suggested bad" in _outline("believable").shown


def test_of_many_classes_the_noisiest_are_shown_and_the_others_added_up() -> None:
    shown = _outline("hostile").shown
    assert "180 others" in shown
    assert "180 other classes" in shown


def test_what_does_not_fit_is_counted() -> None:
    shown = _outline("hostile").shown
    assert "440 more columns" in shown
    assert "60 more slices" in shown
    assert re.search(r"\d+ examples? left out to keep this page small", shown)


def test_foreign_content_is_refused_in_words() -> None:
    metrics, examples, options, findings = believable_run()
    with pytest.raises(RunError, match=r"Cannot read metrics\.json"):
        render_html(recorded(metrics | {"checks": "none"}, examples, options, findings))


def test_text_on_the_page_has_enough_contrast_in_light_and_dark() -> None:
    styles = _page("believable").split("</style>")[0]
    light, dark = (_colours(styles.split("prefers-color-scheme:dark")[i].split("}")[0]) for i in (0, 1))
    for colours in (light, light | dark):
        for text in ("ink", "soft", "accent", "flag", "good"):
            for ground in ("paper", "raised", "accent-tint", "flag-tint", "good-tint"):
                assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        assert _contrast(colours["ink"], colours["mark"]) >= 4.5
        assert _contrast(colours["plain"], colours["paper"]) >= 3


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", block))


def _contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2: (lighter + 0.05) / (darker + 0.05)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "inputs", [believable_run(), hostile_run(), empty_run()], ids=["believable", "hostile", "empty"]
)
def test_the_fragment_for_notebooks_is_small_and_harmless(inputs: Any) -> None:
    fragment = render_fragment(
        converted(inputs[0], Metrics, "metrics.json"),
        converted(inputs[1], Examples, "examples.json"),
        folder="reviews.dechaff",
    )
    page = outline(fragment)
    assert len(fragment.encode("utf-8")) < 100_000
    assert not page.wrong
    assert {tag for tag, _ in page.tags} <= _TAGS | {"b"}
    assert "reviews.dechaff" in page.shown


def test_notebooks_style_lists_of_definitions_so_the_fragment_has_none() -> None:
    metrics, examples, *_ = believable_run()
    fragment = render_fragment(converted(metrics, Metrics, "x"), converted(examples, Examples, "x"))
    assert not {"dl", "dt", "dd"} & {tag for tag, _ in outline(fragment).tags}


PIXEL = "data:image/jpeg;base64,/9j/4AAQSkZJRg=="


def _with_image(address: str, number: int = 10) -> Any:
    metrics, examples, options, findings = believable_run()
    metrics["dataset"]["columns"] = [{"name": "image", "kind": "image"}]
    example = examples["L001"][0] | {"cells": [["image", "cats/1.png", ""]], "image": address}
    other = {"row": "cats/2.png", "label": "cat", "text": "", "image": address}
    shown = [example | {"row": f"cats/{place}.png", "neighbours": [other] * 3} for place in range(number)]
    return metrics, dict.fromkeys(examples, shown), options, findings


def test_images_are_shown_with_their_neighbours_and_stay_inside_the_page() -> None:
    record = recorded(*_with_image(PIXEL))
    page = render_html(record)
    assert page.count(f'src="{PIXEL}"') >= 40
    assert "Images are not shown" not in page
    assert f'src="{PIXEL}"' in render_fragment(record.metrics, record.examples)


@pytest.mark.parametrize("size", [4_000, 29_000, 3_000_000])
def test_a_page_with_images_of_any_size_has_at_most_two_megabytes(size: int) -> None:
    page = render_html(recorded(*_with_image("data:image/jpeg;base64," + "A" * size)))
    assert len(page.encode()) <= TWO_MEGABYTES


@pytest.mark.parametrize(
    "address",
    ["https://example.org/x.png", "data:image/svg+xml;base64,PHN2Zz4=", 'data:image/jpeg;base64,A" onerror="x'],
)
def test_only_the_address_of_a_thumbnail_becomes_an_image(address: str) -> None:
    assert "<img" not in render_html(recorded(*_with_image(address)))


def test_a_report_of_images_without_thumbnails_says_why() -> None:
    page = render_html(recorded(*_with_image("")))
    assert "Images are not shown" in page
    assert "dechaff[image]" in page


def test_only_what_somebody_reviewed_is_called_reviewed() -> None:
    metrics, *rest = believable_run()
    metrics["decisions"] |= {"by_reviewers": 0}
    page = render_html(recorded(metrics, *rest))
    assert "After review" not in page
    assert "Proposed changes" in page
    assert "Not reviewed yet" in page
    metrics["decisions"] |= {"by_reviewers": 7}
    page = render_html(recorded(metrics, *rest))
    assert "After review" in page
    assert "Reviewers decided 7 rows" in page


def test_a_noise_matrix_that_is_not_drawn_has_a_reason() -> None:
    metrics, *rest = believable_run()
    metrics["noise"] |= {"joint": [], "transition": []}
    metrics["dataset"] |= {"classes": [f"c{number}" for number in range(77)], "class_counts": [5] * 77}
    assert "With 77 classes" in render_html(recorded(metrics, *rest))


def test_regions_have_names_of_their_own() -> None:
    page = _outline("believable")
    names = [attributes["aria-label"] for _, attributes in page.tags if attributes.get("role") == "region"]
    titles = {title for _, title in CHAPTERS}
    assert len(names) == len(set(names))
    assert not titles & set(names)


@pytest.mark.parametrize("action", get_args(SliceAction))
def test_every_proposal_about_a_slice_is_in_words(action: str) -> None:
    metrics, *rest = believable_run()
    metrics["slices"] = [metrics["slices"][0] | {"action": action}]
    shown = re.search(r'<span class="tag action">(.*?)</span>', render_html(recorded(metrics, *rest)))
    assert shown is not None
    assert len(shown[1].split()) >= 3


def test_a_slice_is_explained_once() -> None:
    metrics, examples, *rest = believable_run()
    why = "A reason that stands once."
    metrics["slices"] = [metrics["slices"][0] | {"why": why}]
    examples["L002"] = [examples["L001"][0] | {"row": "", "why": why}, *examples["L001"][:2]]
    assert render_html(recorded(metrics, examples, *rest)).count(why) == 1
