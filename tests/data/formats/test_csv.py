import csv
import gzip
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dechaff.data.formats.csv import field_spans
from dechaff.data.formats.csv_dialect import Dialect, parse_records
from dechaff.data.open import open_data, open_like
from dechaff.errors import DataError, InputError


def written(path, data, *, drop=(), labels=None, label="label", out=None, **options):
    """Bytes of the file after some rows are dropped and some relabelled."""
    path.write_bytes(data)
    train = open_data(path, label=label, **options).train
    keep = np.ones(train.source.n_rows, dtype=bool)
    keep[list(drop)] = False
    target = path.with_name(out or "out" + "".join(path.suffixes))
    train.source.write(target, keep=keep, labels=labels or {})
    return target.read_bytes()


PLAIN = b"text,label\ngood film,pos\nbad film,neg\nfine film,pos\n"


def test_nothing_changed_gives_the_same_bytes(tmp_path):
    assert written(tmp_path / "a.csv", PLAIN) == PLAIN


def test_a_dropped_row_takes_its_record_and_nothing_else(tmp_path):
    assert written(tmp_path / "a.csv", PLAIN, drop=[1]) == b"text,label\ngood film,pos\nfine film,pos\n"


def test_a_relabelled_row_changes_one_field(tmp_path):
    assert written(tmp_path / "a.csv", PLAIN, labels={0: "neg"}) == PLAIN.replace(b"good film,pos", b"good film,neg")


def test_windows_line_ends_mark_and_encoding_stay(tmp_path):
    data = b"\xef\xbb\xbf" + "größe;label\r\nklein süß;ja\r\n\r\ngroß;nein\r\nmittel;ja\r\n".encode()
    assert written(tmp_path / "a.csv", data, drop=[1]) == data.replace("groß;nein\r\n".encode(), b"")


def test_semicolons_and_cp1252_are_sniffed_and_stated(tmp_path):
    data = "größe;label\nklein süß;ja\ngroß;nein\n".encode("cp1252")
    path = tmp_path / "a.csv"
    assert written(path, data, labels={0: "nein"}) == data.replace(
        "süß;ja".encode("cp1252"), "süß;nein".encode("cp1252")
    )
    train = open_data(path, label="label").train
    assert train.table["größe"].raw.tolist() == ["klein süß", "groß"]
    stated = {assumed.what: assumed for assumed in train.assumptions}
    assert stated["encoding"].value == "cp1252"
    assert stated["encoding"].flag == "--encoding"
    assert stated["delimiter"].value == "semicolon"


def test_embedded_line_ends_belong_to_their_record(tmp_path):
    data = b'text,label\n"one\ntwo, three",pos\n"a ""quoted"" word\r\n\r\nmore",neg\nlast,pos\n'
    assert written(tmp_path / "a.csv", data, drop=[0]) == data.replace(b'"one\ntwo, three",pos\n', b"")
    assert written(tmp_path / "a.csv", data, labels={1: "pos"}) == data.replace(b'more",neg', b'more",pos')


def test_quotes_inside_unquoted_fields_are_text(tmp_path):
    data = b'text,label\nthe 12" record,pos\nsays "no" here,neg\n'
    assert written(tmp_path / "a.csv", data, labels={1: "pos"}) == data.replace(b"here,neg", b"here,pos")
    assert open_data(tmp_path / "a.csv", label="label").train.table["text"].raw[0] == 'the 12" record'


def test_a_quoted_label_stays_quoted(tmp_path):
    data = b'"label","x"\n"a, b","1"\n"c ""d""","2"\n"a, b","3"\n'
    assert written(tmp_path / "a.csv", data, labels={0: 'c "d"'}) == data.replace(b'"a, b","1"', b'"c ""d""","1"')


def test_a_label_that_needs_quotes_gets_them(tmp_path):
    data = b'label,x\n"a, b",1\nc,2\nc,3\n'
    assert written(tmp_path / "a.csv", data, labels={1: "a, b"}) == b'label,x\n"a, b",1\n"a, b",2\nc,3\n'


def test_a_label_is_spelled_as_the_file_spells_it(tmp_path):
    data = b"x,label\n0.5,-1.0\n0.7,1.0\n0.9,-1.0\n"
    path = tmp_path / "a.csv"
    assert written(path, data, labels={0: "1"}) == data.replace(b"0.5,-1.0", b"0.5,1.0")
    assert open_data(path, label="label").train.class_names == ("-1", "1")


def test_a_missing_final_line_end_stays_missing(tmp_path):
    data = PLAIN.rstrip(b"\n")
    assert written(tmp_path / "a.csv", data, labels={2: "neg"}) == data[:-3] + b"neg"
    assert written(tmp_path / "a.csv", data, drop=[2]) == b"text,label\ngood film,pos\nbad film,neg"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_its_mark_stays_utf_16(tmp_path, encoding):
    mark = "\ufeff".encode(encoding)
    data = mark + PLAIN.decode().encode(encoding)
    assert written(tmp_path / "a.csv", data, drop=[0]) == mark + PLAIN.decode().replace("good film,pos\n", "").encode(
        encoding
    )


def test_a_few_bytes_that_are_not_utf_8_are_kept(tmp_path):
    data = "text,label\nnaïve café crème,pos\nb\xe4d,neg\n".encode().replace("\xe4".encode(), b"\xe4")
    assert written(tmp_path / "a.csv", data, labels={0: "neg"}) == data.replace(b",pos", b",neg")
    assert open_data(tmp_path / "a.csv", label="label").train.table["text"].raw[1] == "b\ufffdd"


def test_gzip_stays_gzip_and_does_not_depend_on_the_clock(tmp_path):
    data = gzip.compress(PLAIN, mtime=0)
    assert written(tmp_path / "a.csv.gz", data) == data
    new = written(tmp_path / "a.csv.gz", data, drop=[0])
    assert gzip.decompress(new) == PLAIN.replace(b"good film,pos\n", b"")
    assert new[4:8] == b"\x00" * 4


def test_the_name_of_the_output_decides_on_gzip(tmp_path):
    assert written(tmp_path / "a.csv.gz", gzip.compress(PLAIN, mtime=0), out="b.csv") == PLAIN


def test_an_unquoted_tsv_is_read_without_quotes(tmp_path):
    data = b'text\tlabel\n"an open quote\tpos\nplain\tneg\n'
    assert written(tmp_path / "a.tsv", data, labels={0: "neg"}) == data.replace(b"quote\tpos", b"quote\tneg")


def test_a_lone_carriage_return_is_text(tmp_path):
    data = b"text,label\nold\rmac,pos\nnew,neg\n"
    assert written(tmp_path / "a.csv", data, drop=[1]) == b"text,label\nold\rmac,pos\n"
    assert open_data(tmp_path / "a.csv", label="label").train.table["text"].raw[0] == "old\rmac"


def test_old_mac_line_ends_are_read(tmp_path):
    data = PLAIN.replace(b"\n", b"\r")
    assert written(tmp_path / "a.csv", data, drop=[0]) == data.replace(b"good film,pos\r", b"")


def test_a_cell_may_be_longer_than_python_allows_by_default(tmp_path):
    long = b"x" * 200_000
    data = b"text,label\n" + long + b",pos\nb,neg\n"
    before = csv.field_size_limit()
    assert written(tmp_path / "a.csv", data, drop=[1]) == b"text,label\n" + long + b",pos\n"
    assert csv.field_size_limit() == before


def test_a_file_without_header_gets_numbered_columns(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"1.5,2,a\n2.5,3,b\n3.5,5,a\n")
    with pytest.raises(DataError, match="column_0, column_1, column_2"):
        open_data(path, label="class")
    train = open_data(path, label="column_2").train
    assert len(train) == 3
    assert [assumed.value for assumed in train.assumptions if assumed.what == "header"] == ["none"]


def test_said_delimiter_and_encoding_are_not_listed_as_assumed(tmp_path):
    (tmp_path / "a.csv").write_bytes(PLAIN.replace(b",", b"|"))
    train = open_data(tmp_path / "a.csv", label="label", delimiter="bar", encoding="utf-8").train
    assert not {"delimiter", "encoding"} & {assumed.what for assumed in train.assumptions}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"text,label\n", "has a header but no rows"),
        (b"a,label\n1,x\n2,y,z\n3,x\n", "3 fields in line 3 \\(1 such record among 4\\)"),
        (b'a,label\n"one\ntwo",x\n2\n', "1 field in line 4"),
        (b'a,label\n"1",x\n"open,y\n', "1 field in line 3"),
        (b'label,a\nx,"1"\ny,"open\n', "never closed.*line 3"),
        (b"a,label\n1,x\x00\n", "a NUL byte in line 2"),
        (b"PK\x03\x04abc", "a zip archive"),
        (bytes(range(1, 256)) * 4, "control characters"),
        (b"a,a,label\n1,2,x\n", "'a' for column 1 and again for column 2"),
        (gzip.compress(PLAIN, mtime=0)[:-9], "truncated or damaged"),
        (b"\xff\xfea\x00b", "is not valid"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_first_bad_place(tmp_path, data, found):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(DataError, match=f"(?s){found}") as caught:
        open_data(path, label="label")
    assert caught.value.fix


BELOW = "id,text,label\n1,good film,pos\n2,bad film,neg\n3,fine film,pos\n"


@pytest.mark.parametrize(
    ("text", "odd", "taken_out"),
    [
        (
            "# made by lab 3\n# May 2024\n" + BELOW,
            "1 field in line 1 .'# made by lab 3'., and 3 in",
            "Delete lines 1 to 2",
        ),
        ("# made, and checked, by, lab 3\n" + BELOW, "4 fields in line 1", "Delete line 1"),
        ("# of lab 3, checked\n" + BELOW.replace(",", ";"), "1 field in line 1", "Delete line 1"),
        ("# made by lab 3\n\n" + BELOW.replace(",", ";"), "1 field in line 1", "Delete lines 1 to 2"),
        ("# one, two, three\n" + BELOW, "3 fields in line 1", "Delete line 1"),
        ("Films of 2024\n" + BELOW, "'Films of 2024'", "Delete line 1"),
    ],
    ids=["comments", "with commas", "other delimiter", "blank line", "of the header's length", "a title"],
)
def test_lines_above_the_header_are_named_and_none_is_skipped(tmp_path, text, odd, taken_out):
    with pytest.raises(DataError, match=f"(?s)begin with the header.*{odd}") as caught:
        open_data(_put(tmp_path / "a.csv", text.encode()), label="label")
    assert taken_out in caught.value.fix


def test_a_header_that_starts_with_a_number_sign_is_a_header(tmp_path):
    train = open_data(_put(tmp_path / "a.csv", BELOW.replace("id,", "#id,", 1).encode()), label="label").train
    assert train.table.names == ("text",)
    with pytest.raises(DataError, match="#id, text, label"):
        open_data(tmp_path / "a.csv", label="pos")


@pytest.mark.parametrize("delimiter", ["ab", '"', ""])
def test_a_delimiter_is_one_character(tmp_path, delimiter):
    (tmp_path / "a.csv").write_bytes(PLAIN)
    with pytest.raises(DataError, match="one character"):
        open_data(tmp_path / "a.csv", label="label", delimiter=delimiter)


def test_the_input_is_never_written_over(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(PLAIN)
    (tmp_path / "link.csv").symlink_to(path)
    source = open_data(path, label="label").train.source
    keep = np.array([True, False, True])
    for target in (path, tmp_path / "link.csv", tmp_path / ".." / tmp_path.name / "a.csv"):
        with pytest.raises(InputError, match="Cannot write the improved data"):
            source.write(target, keep=keep, labels={})
    with pytest.raises(DataError, match="a name for parquet"):
        source.write(tmp_path / "b.parquet", keep=keep, labels={})
    assert path.read_bytes() == PLAIN


CELLS = st.text(alphabet="ab \",;\n\r\t'ü€", max_size=6)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, st.sampled_from(["x", "y", 'z"', "u,v"])), min_size=2, max_size=8),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    drop=st.sets(st.integers(0, 7)),
    change=st.sets(st.integers(0, 7)),
)
def test_any_csv_comes_back_with_only_what_was_changed(tmp_path_factory, rows, end, quoting, drop, change):
    if quoting == csv.QUOTE_MINIMAL:
        # Python's writer leaves a carriage return bare, which ends a record for some readers; it has its own test.
        rows = [(first.replace("\r", ""), second.replace("\r", ""), label) for first, second, label in rows]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=end, quoting=quoting)
    writer.writerows([("first", "second", "label"), *rows])
    data = stream.getvalue().encode()
    if len({row[2] for row in rows}) < 2:
        return
    path = tmp_path_factory.mktemp("any") / "a.csv"
    features = {"categorical": ["first", "second"], "delimiter": ","}
    assert written(path, data, **features) == data
    new = "y" if any(row[2] == "y" for row in rows) else rows[0][2]
    labels = {row: new for row in change if row < len(rows)}
    kept = [row for row in range(len(rows)) if row not in drop]
    after = written(path, data, drop=[row for row in drop if row < len(rows)], labels=labels, **features)
    expected = [[*rows[row][:2], labels.get(row, rows[row][2])] for row in kept]
    assert list(csv.reader(io.StringIO(after.decode(), newline="")))[1:] == expected


@given(row=st.lists(CELLS.map(lambda cell: cell.replace("\r", "")), min_size=1, max_size=5))
def test_places_of_fields_are_what_the_csv_reader_reads(row):
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerow(row)
    record = stream.getvalue()
    spans = field_spans(record, Dialect(","))
    again = [next(csv.reader(io.StringIO(record[start:end], newline="")), [""])[0] for start, end in spans]
    assert again == row


@given(text=st.text(alphabet='ab,"\n', max_size=40))
def test_records_and_what_lies_between_them_make_the_whole_text(text):
    if not text.strip("\n "):
        return
    records = parse_records(text, Dialect(","))
    assert (records.starts[1:] >= records.ends[:-1]).all()
    between = [text[end:start] for end, start in zip([0, *records.ends], [*records.starts, len(text)], strict=True)]
    assert not "".join(between).strip('\n "')


def test_an_improved_file_is_read_by_the_first_ones_schema(tmp_path):
    data = b"code,text,label\n1,good film,1.0\n2,bad film,2.0\n3,fine film,1.0\n"
    path = tmp_path / "a.csv"
    written(path, data, drop=[0], out="b.csv")
    train = open_data(path, label="label").train
    again = open_like(tmp_path / "b.csv", train)
    assert again.class_names == train.class_names == ("1", "2")
    assert again.codes.tolist() == [1, 0]
    assert again.keys.tolist() == train.keys[1:].tolist()


def test_a_new_class_must_fit_into_the_file(tmp_path):
    source_of = {}
    for name, data in (("a.tsv", b'text\tlabel\n"open\tpos\nplain\tneg\n'), ("b.csv", b"text,label\n\xfcber,x\nb,y\n")):
        (tmp_path / name).write_bytes(data)
        source_of[name] = open_data(tmp_path / name, label="label").train.source
    with pytest.raises(DataError, match="no quotes"):
        source_of["a.tsv"].improved(np.ones(2, bool), {0: "a\tb"})
    with pytest.raises(DataError, match="encoding of the file, cp1252"):
        source_of["b.csv"].improved(np.ones(2, bool), {0: "日"})


@pytest.mark.parametrize("first", [b"sep=;\r\n", b"\xef\xbb\xbfsep=;\r\n"], ids=["plain", "with mark"])
def test_the_line_in_which_a_spreadsheet_names_its_delimiter_is_read_and_stays(tmp_path, first):
    data = first + b"text;label\r\ngood, long film;pos\r\nbad film;neg\r\nfine film;pos\r\n"
    train = open_data(_put(tmp_path / "a.csv", data), label="label").train
    assert train.class_names == ("neg", "pos")
    (delimiter,) = [one for one in train.assumptions if one.what == "delimiter"]
    assert (delimiter.value, delimiter.why) == ("semicolon", "the first line says sep=;")
    assert written(tmp_path / "a.csv", data, drop=[0], labels={1: "pos"}) == (
        first + b"text;label\r\nbad film;pos\r\nfine film;pos\r\n"
    )


def _put(path, data):
    path.write_bytes(data)
    return path
