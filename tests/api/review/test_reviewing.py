"""The review of an audit, by the public methods alone."""

from __future__ import annotations

import csv

import polars as pl
import pytest

import dechaff
from dechaff.errors import InputError
from dechaff.records.review import Filter
from tests.api.review.runs import reviewed, truth


@pytest.fixture
def audit(tmp_path):
    return reviewed(tmp_path)


def _labels(audit, **fields):
    return audit.queue(codes="L001", size=1000, **fields).items


def test_the_queue_is_filtered_counted_and_paged(audit):
    whole = audit.queue(size=1000)
    assert whole.of == whole.total == len(whole.items) == sum(whole.facets["codes"].values())
    assert whole.facets["status"] == {"open": whole.of}
    errors = [item for item in whole.items if item.code == "L001"]
    assert 15 <= len(errors) <= 30
    scores = [item.score for item in whole.items]
    assert scores == sorted(scores, reverse=True)
    one = errors[0]
    pair = audit.queue(codes="L001", given=one.given, suggested=one.suggested, size=1000)
    assert {(item.given, item.suggested) for item in pair.items} == {(one.given, one.suggested)}
    assert whole.facets["pairs"][f"{one.given} → {one.suggested}"] >= pair.total
    low = audit.queue(codes="L001", least=0.5, most=0.9)
    assert all(0.5 <= item.score <= 0.9 for item in low.items)
    assert audit.queue(codes=["L001"], status="open").facets["codes"] == whole.facets["codes"], "without its own filter"


def test_pages_follow_one_another_both_ways_and_stay_whatever_is_decided(audit):
    ids, after, before = [], "", []
    while True:
        page = audit.queue(after=after, size=4)
        assert page.first == len(ids)
        before.append(page.before)
        ids += [item.finding_id for item in page.items]
        if not page.after:
            break
        after = page.after
    assert ids == [item.finding_id for item in audit.queue(size=1000).items]
    assert [item.finding_id for item in audit.queue(after=before[2], size=4).items] == ids[4:8]
    assert before[0] == ""
    first = audit.queue(status="open", size=4)
    audit.decide([item.finding_id for item in first.items], "keep")
    assert [item.finding_id for item in audit.queue(status="open", after=first.after, size=4).items] == ids[4:8]


def test_the_class_that_a_row_has_keeps_it(audit):
    one = _labels(audit)[0]
    audit.decide(one.finding_id, "relabel", one.given, reviewer="ann")
    audit.decide(one.finding_id, "keep", reviewer="bo")
    assert [item.status for item in _labels(audit) if item.finding_id == one.finding_id] == ["kept"]
    assert audit.queue(conflicts=True).total == 0
    assert audit.precision().wrong == 0


def test_words_of_the_row_its_id_and_labels_are_searched(audit):
    item = _labels(audit)[0]
    words = audit.row(item.finding_id).cells[1].text.split()
    assert item.finding_id in {one.finding_id for one in audit.queue(text=words[0][:3].upper() + " " + words[-1]).items}
    assert {one.row for one in audit.queue(text=item.row, codes="L001").items} >= {item.row}
    assert audit.queue(text="nothing_of_the_kind").total == 0


def test_a_row_is_shown_with_everything_that_helps(audit):
    item = _labels(audit)[0]
    view = audit.row(item.finding_id)
    assert (view.row, view.given, view.label, view.excluded) == (item.row, item.given, item.given, False)
    assert [cell.column for cell in view.cells] == ["id", "text", "size"]
    assert view.probs[0][0] == item.suggested
    assert sum(value for _, value in view.probs) == pytest.approx(1, abs=1e-3)
    assert view == audit.row(item.key) == audit.row(item.row)
    audit.decide(item.finding_id, "accept", reviewer="ann", note="seen")
    view = audit.row(item.key)
    assert (view.label, view.history[-1].actor, view.history[-1].note) == (item.suggested, "ann", "seen")


def test_what_is_telling_usual_and_similar_stands_beside_a_row(audit):
    assert audit.prepare_review() == audit.queue().of
    item = _labels(audit)[0]
    view = audit.row(item.finding_id)
    _, text, size = view.cells
    assert (text.kind, size.kind) == ("text", "numeric")
    assert size.usual.startswith("usually ")
    assert not size.odd
    assert text.marks
    assert {label for _, _, label in text.marks} == {item.suggested}, "all words are of the true class"
    assert len(view.neighbours) == 3
    assert item.row not in {one.row for one in view.neighbours}
    assert item.suggested in {one.label for one in view.neighbours}


@pytest.mark.parametrize(
    ("decision", "to", "status"),
    [("accept", "", "accepted"), ("keep", "", "kept"), ("exclude", "", "excluded"), ("flag", "", "flagged")],
)
def test_each_decision_has_its_status_and_can_return_to_open(audit, decision, to, status):
    item = _labels(audit)[0]
    audit.decide(item.finding_id, decision, to, reviewer="ann")
    assert [one.status for one in audit.queue(row=item.row, codes="L001").items] == [status]
    assert audit.queue(status=status).items[0].reviewer == "ann"
    audit.decide(item.finding_id, "open", reviewer="ann")
    assert audit.queue(status="open").total == audit.queue().total
    audit.undo(reviewer="ann")
    assert audit.queue(status=status).total == 1


def test_the_improved_file_is_exactly_what_was_said(audit, tmp_path):
    errors = _labels(audit)
    other = next(name for name in audit.metrics.dataset.classes if name not in (errors[1].given, errors[1].suggested))
    audit.decide(errors[0].finding_id, "accept")
    audit.decide(errors[1].finding_id, "relabel", other)
    audit.decide(errors[2].finding_id, "exclude")
    audit.decide(errors[3].finding_id, "edit", "new, words", field="text")
    audit.decide(errors[4].finding_id, "keep")
    missing = audit.queue(codes="L003").items[0]
    audit.decide(missing.finding_id, "relabel", "road")
    before = pl.read_csv(tmp_path / "rows.csv")
    after = pl.read_csv(audit.apply(tmp_path / "new.csv"))
    said = {errors[0].row: errors[0].suggested, errors[1].row: other, missing.row: "road"}
    expected = before.with_columns(
        pl.col("id").replace_strict(said, default=pl.col("label")).alias("label"),
        pl.when(pl.col("id") == errors[3].row).then(pl.lit("new, words")).otherwise(pl.col("text")).alias("text"),
    ).filter(pl.col("id") != errors[2].row)
    assert after.rows() == expected.rows()
    with (tmp_path / "new.changes.csv").open(newline="") as stream:
        changes = {(line["row"], line["change"], line["column"]): line for line in csv.DictReader(stream)}
    edited = changes[errors[3].row, "edited", "text"]
    assert edited["old"] == before.filter(pl.col("id") == errors[3].row)["text"].item()
    assert len(changes) == 5


def test_copies_are_one_decision_and_one_undo(audit):
    (group,) = audit.groups("D001").groups
    assert [item.row for item in group.members] == ["r6", "r7", "r8"] or {*(i.row for i in group.members)} == {
        "r6",
        "r7",
        "r8",
    }
    assert not group.conflict
    assert audit.group(group.group).keep == group.keep
    kept = next(item.row for item in group.members if item.finding_id == group.keep)
    audit.decide([item.finding_id for item in group.members], "merge", reviewer="ann")
    assert audit.queue(codes="D001", status="merged").total == 3
    dropped = {line["row"] for line in audit.changes.iter_rows(named=True) if line["change"] == "dropped"}
    assert dropped == {"r6", "r7", "r8"} - {kept}
    assert audit.groups("D001", open_only=True).groups == ()
    assert len(audit.undo(reviewer="ann")) == 3
    assert audit.group(group.group).open == 3


def test_a_spot_check_shows_the_precision_before_the_rest_is_accepted(audit):
    wanted, true = Filter(codes=("L001",)), truth()
    by_hand = [audit.queue(codes="D001").items[0].finding_id]
    check = audit.spot_check(wanted, by_hand, n=5)
    total = audit.queue(codes="L001").total
    assert str(check.preview) == f"{total} by this filter, 1 by hand, of {audit.queue().of}"
    assert (len(check.items), check.reviewed, check.precision, check.n) == (5, 0, None, total + 1)
    for item in check.items:
        audit.decide(item.finding_id, "accept" if true[item.row] == item.suggested else "keep", reviewer="ann")
    check = audit.spot_check(check.id)
    assert check.reviewed == 5
    assert check.low <= check.precision <= check.high
    seen, (model,) = audit.precision(), audit.agreement().model
    done = audit.accept_rest(check, reviewer="ann")
    assert audit.spot_check(check.id).reviewed == 5, "what was accepted unseen is no review"
    now = audit.precision()
    assert (now.reviewed, now.wrong, now.low, now.high) == (seen.reviewed, seen.wrong, seen.low, seen.high)
    assert audit.agreement().model == (model,)
    assert done.findings == total + 1 - 5
    assert audit.queue(codes="L001", status="open").total == 0
    assert len(audit.undo(reviewer="ann")) == done.findings, "one batch"
    assert audit.queue(codes="L001", status="open").total == total - 5


def test_the_precision_of_the_queue_is_bounded_at_any_time(audit):
    assert (audit.precision().low, audit.precision().high) == (0, 1)
    true = truth()
    errors = _labels(audit, sort="random")
    right = sum(true[item.row] != item.given for item in errors) / len(errors)
    for item in errors:
        audit.decide(item.finding_id, "accept" if true[item.row] != item.given else "keep")
        found = audit.precision()
        assert found.low <= right <= found.high
    assert found.low == found.high == pytest.approx(right)
    assert (found.reviewed, found.n) == (len(errors), len(errors))
    assert isinstance(found.stop, bool)
    assert found.why


def test_learning_keeps_what_was_said_and_every_version(audit):
    true = truth()
    with pytest.raises(InputError, match="at least 2"):
        audit.learn()
    errors = _labels(audit)
    for item in errors[:10]:
        audit.decide(item.finding_id, "accept" if true[item.row] != item.given else "keep", reviewer="ann")
    before = {item.finding_id: item.status for item in audit.queue(size=1000).items}
    learned = audit.learn()
    assert [version.number for version in audit.versions] == [0, 1]
    after = {item.finding_id: item.status for item in audit.queue(size=1000).items}
    gone = {item.finding_id for item in learned.gone}
    assert {name for name in before if name not in after} == gone
    assert {name for name in after if name not in before} == {item.finding_id for item in learned.new}
    assert all(after[name] == status for name, status in before.items() if status != "open")
    assert audit.metrics.checks[[one.code for one in audit.metrics.checks].index("L001")].findings == sum(
        name.startswith("L001") for name in after
    )
    assert len(audit.undo(reviewer="ann")) == 1, "what was said before can be taken back after"


@pytest.fixture
def proving_early(monkeypatch):
    """Bets from the sixth review on, as there are few findings."""
    monkeypatch.setattr("dechaff.methods.label_reviews.proof_of_order._FIRST", 5)


def _some_reviews(audit):
    true = truth()
    for item in _labels(audit)[:12]:
        audit.decide(item.finding_id, "accept" if true[item.row] != item.given else "keep", reviewer="ann")


def test_without_probabilities_as_out_of_core_scores_are_learnt_piece_by_piece(audit, monkeypatch, proving_early):
    monkeypatch.setattr("dechaff.api.review.learn_out_of_core._LINES", 50)
    (audit.folder / "probs.npz").unlink()
    audit = dechaff.open_run(audit.folder)
    first = _labels(audit)
    for item in first[:20]:  # most of what seems wrong is right
        audit.decide(item.finding_id, "keep" if int(item.row[1:]) % 4 else "accept", reviewer="ann")
    before = audit.run.scores
    learned = audit.learn()
    assert (learned.version.number, learned.version.reviews, learned.new, learned.gone) == (1, 20, (), ())
    after = audit.run.scores
    assert after.drop("L001").equals(before.drop("L001"))
    missing = (before["given"] == "").to_numpy()
    assert (after["L001"] == before["L001"]).to_numpy()[missing].all()
    assert (after["L001"] < before["L001"]).to_numpy()[~missing].mean() > 0.9
    items = _labels(audit)
    assert {item.finding_id for item in items} == {item.finding_id for item in first}
    scores = dict(zip(after["row"].to_list(), after["L001"].to_list(), strict=True))
    assert [item.score for item in items] == [scores[item.row] for item in items]
    assert [item.status for item in items] != ["open"] * len(items)
    audit.learn()
    assert audit.run.scores.equals(after), "no review counts twice"
    with pytest.raises(InputError, match="in memory"):
        audit.learn(models=True)


def test_a_few_reviews_prove_nothing_and_change_no_score(audit):
    before, findings = audit.scores["L001"].to_list(), {item.finding_id for item in audit.queue(size=1000).items}
    for number, item in enumerate(_labels(audit)[:20]):
        audit.decide(item.finding_id, "keep", reviewer="ann")
        if number in (1, 4, 19):
            learned = audit.learn()
            assert "do not prove yet" in learned.words[0]
            assert (learned.new, learned.gone) == ((), ())
    assert audit.scores["L001"].to_list() == pytest.approx(before)
    assert {item.finding_id for item in audit.queue(size=1000).items} == findings


def test_learning_twice_counts_no_review_twice(audit, proving_early):
    for item in _labels(audit)[:20]:
        audit.decide(item.finding_id, "keep", reviewer="ann")
    assert "change the scores" in audit.learn().words[0]
    first = audit.scores["L001"].to_list()
    audit.learn()
    assert audit.scores["L001"].to_list() == pytest.approx(first)
    assert [version.kind for version in audit.versions] == ["audit", "scores", "scores"]
    kept = pl.read_parquet(audit.folder / "versions" / "0" / "scores.parquet")["L001"].to_list()
    assert kept != first


class _CancelledError(BaseException):
    pass


def test_models_learn_too_and_a_call_that_is_cancelled_changes_nothing(audit):
    _some_reviews(audit)
    before, steps = audit.queue(size=1000), []

    def cancel(*step):
        raise _CancelledError

    with pytest.raises(_CancelledError):
        audit.learn(models=True, progress=cancel)
    assert audit.queue(size=1000) == before
    assert len(audit.versions) == 1
    learned = audit.learn(models=True, progress=lambda *step: steps.append(step))
    assert len({step[0] for step in steps}) > 1
    assert (learned.version.kind, learned.version.number) == ("models", 1)
    assert audit.queue(status="open", codes="L001").total == learned.version.findings - 12
    statuses = {item.finding_id: item.status for item in audit.queue(size=1000).items}
    assert all(statuses[one.finding_id] == one.status for one in before.items if one.status != "open")
    assert audit.precision().reviewed == 12


def test_reviewers_who_disagree_are_in_the_queue_of_conflicts(audit):
    errors = _labels(audit)[:6]
    for place, item in enumerate(errors):
        audit.decide(item.finding_id, "accept", reviewer="ann")
        audit.decide(item.finding_id, "accept" if place < 4 else "keep", reviewer="bob", blind=True)
    assert {item.finding_id for item in audit.queue(conflicts=True).items} == {item.finding_id for item in errors[4:]}
    found = audit.agreement()
    (pair,) = found.pairs
    assert (pair.first, pair.second, pair.agree.n, pair.agree.value) == ("ann", "bob", 6, pytest.approx(4 / 6))
    assert pair.kappa.low <= pair.kappa.value <= pair.kappa.high
    assert found.conflicts == 2
    assert (found.shown.value, found.hidden.value) == (1.0, pytest.approx(4 / 6))
    assert found.anchoring.value == pytest.approx(2 / 6)
    audit.decide(errors[4].finding_id, "accept", reviewer="bob")
    assert audit.queue(conflicts=True).total == 1


def test_rows_without_a_label_come_in_the_order_of_the_proposals(audit, tmp_path):
    path = tmp_path / "next.csv"
    path.write_text("row,label\nr5,road\nr1,\nr3,pet\n")
    assert audit.import_proposals(path) == 3
    first = audit.queue(sort="proposed", size=3).items
    assert [(item.row, item.suggested) for item in first] == [("r5", "road"), ("r1", ""), ("r3", "pet")]
    audit.decide(first[0].finding_id, "accept")
    assert audit.row("r5").label == "road"
    with pytest.raises(InputError, match="suggest a fix"):
        audit.decide(first[1].finding_id, "accept")
    path.write_text("row,label\nr5,road\nr10,road\n")
    with pytest.raises(InputError, match=r"line 3.*without a label"):
        audit.import_proposals(path)
    path.write_text("row,label\nr5,rode\n")
    with pytest.raises(InputError, match="line 2"):
        audit.import_proposals(path)


def test_a_second_audit_object_sees_what_the_first_said(audit):
    item = _labels(audit)[0]
    other = dechaff.open_run(audit.folder)
    assert other.queue().facets["status"] == {"open": other.queue().of}
    audit.decide(item.finding_id, "keep", reviewer="ann")
    assert other.queue(status="kept").items[0].finding_id == item.finding_id
    other.undo(reviewer="ann")
    assert audit.queue(status="kept").total == 0


def test_a_spreadsheet_and_the_review_share_one_log(audit, tmp_path):
    item = _labels(audit)[0]
    path = audit.export_decisions(tmp_path / "decisions.csv")
    lines = pl.read_csv(path).with_columns(
        pl.when(pl.col("row") == item.row).then(pl.lit("drop")).otherwise(pl.col("action")).alias("action")
    )
    lines.write_csv(path)
    assert audit.import_decisions(path, actor="ann") == 1
    assert audit.queue(status="excluded", codes="L001").items[0].finding_id == item.finding_id
    assert len(audit.undo(reviewer="ann")) == 1
    assert audit.queue(status="excluded").total == 0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda audit: audit.queue(codes="L999"), "the code must be one of this audit; found 'L999'"),
        (lambda audit: audit.queue(colour="red"), "the filter must have only the fields"),
        (lambda audit: audit.queue(sort="size"), "sort must be one of"),
        (lambda audit: audit.queue(after="x"), "the cursor"),
        (lambda audit: audit.queue(size=0), "size must be from 1"),
        (lambda audit: audit.decide("L001-999999", "keep"), "the row must be one of the audited data"),
        (lambda audit: audit.decide("L001-000001", "agree"), "the decision must be one of"),
        (lambda audit: audit.decide("L001-000001", "relabel", "fruits"), "Write one of: fruit"),
        (lambda audit: audit.decide("L001-000001", "edit", "x", field="siz"), "Write one of: size"),
        (lambda audit: audit.decide([], "keep"), "the findings must be at least one"),
        (lambda audit: audit.row("nobody"), "the row must be one of the audited data"),
        (lambda audit: audit.group("D001:x"), "the group must be"),
        (lambda audit: audit.spot_check("abc"), "the spot-check must be"),
        (lambda audit: audit.spot_check("../../options"), "the spot-check must be"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(audit, call, says):
    before = len(audit.log())
    with pytest.raises(InputError, match=says):
        call(audit)
    assert len(audit.log()) == before


def test_a_file_that_moved_or_changed_is_no_error_of_the_queue(audit, tmp_path):
    item = _labels(audit)[0]
    content = (tmp_path / "rows.csv").read_text()
    (tmp_path / "rows.csv").write_text(content.replace(" n", " m"))
    changed = dechaff.open_run(audit.folder)
    assert "no longer the one that was audited" in changed.row(item.finding_id).problem
    (tmp_path / "rows.csv").unlink()
    moved = dechaff.open_run(audit.folder)
    assert moved.queue(codes="L001").total > 0
    assert "Cannot find the audited file" in moved.row(item.finding_id).problem
    moved.decide(item.finding_id, "accept")
    assert moved.queue(status="accepted").total == 1
