import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dechaff.data.formats.jsonl import JsonlForm, value_span
from dechaff.data.formats.text import TextForm
from dechaff.data.open import open_data
from dechaff.errors import DataError

FORM = JsonlForm(Path("a.jsonl"), (), (), TextForm("utf-8", b"", False, ""), dialect=None, body=0, line=1)
LINES = (
    b'{"text": "good film",  "label":"pos", "more": {"label": "x"}}\r\n'
    b'\n{"label": "neg", "text": "caf\\u00e9 {\\"}"}\n'
    b'{"text": "no label", "tags": [1]}\n'
)


def opened(tmp_path, data=LINES, name="a.jsonl"):
    (tmp_path / name).write_bytes(data)
    return open_data(tmp_path / name, label="label").train


def test_untouched_lines_stay_byte_for_byte(tmp_path):
    train = opened(tmp_path)
    train.source.write(tmp_path / "b.jsonl", keep=np.array([True, False, True]), labels={0: "neg", 2: "pos"})
    assert (tmp_path / "b.jsonl").read_bytes() == (
        b'{"text": "good film",  "label":"neg", "more": {"label": "x"}}\r\n\n'
        b'{"text": "no label", "tags": [1], "label": "pos"}\n'
    )
    assert train.source.improved(np.ones(3, bool), {}) == LINES


def test_labels_nested_fields_and_columns_are_read(tmp_path):
    train = opened(tmp_path)
    assert train.codes.tolist() == [1, 0, -1]
    assert train.table.names == ("text",)
    assert [one.value for one in train.assumptions if one.what == "nested column"] == ["more", "tags"]


@pytest.mark.parametrize(("first", "second"), [("true", "false"), ("1", "0"), ("1.0", "0.0"), ('"a"', '"b"')])
def test_a_label_keeps_its_json_type(tmp_path, first, second):
    data = f'{{"x": 7.5, "label": {first}}}\n{{"x": 2.5, "label": {second}}}'.encode()
    train = opened(tmp_path, data)
    new = train.source.improved(np.ones(2, bool), {0: train.class_names[train.codes[1]]})
    assert new == data.replace(f": {first}}}".encode(), f": {second}}}".encode())


def test_gzip_stays_gzip(tmp_path):
    train = opened(tmp_path, gzip.compress(LINES), "a.jsonl.gz")
    train.source.write(tmp_path / "b.jsonl.gz", keep=np.array([False, True, True]), labels={})
    assert gzip.decompress((tmp_path / "b.jsonl.gz").read_bytes()) == b"\n".join(LINES.split(b"\n")[1:])


@pytest.mark.parametrize(
    ("data", "found"), [(b'{"a": 1}\n{"a": \n', "in line 2"), (b"[1, 2]\n", "in line 1"), (b"", "is empty")]
)
def test_a_bad_line_is_named(tmp_path, data, found):
    with pytest.raises(DataError, match=found):
        opened(tmp_path, data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


@pytest.mark.slow
@given(record=st.dictionaries(st.text(max_size=3), JSON), name=st.text(max_size=3), indent=st.booleans())
def test_setting_one_field_leaves_the_others(record, name, indent):
    line = json.dumps(record, separators=(" , ", " : ") if indent else None) + "\n"
    span = value_span(line, name)
    assert (span is not None) == (name in record)
    assert json.loads(FORM.with_field(line, name, '"new"')) == {**record, name: "new"}
