from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pytest
import skops.io as skops

from dechaff.models.persist import load, save
from dechaff.models.same_bytes import same_bytes
from dechaff.models.selection import selection_models
from tests.models.tables import numbers_and_categories, texts


@pytest.mark.parametrize("data", [texts(80), numbers_and_categories(80)], ids=["texts", "columns"])
def test_a_model_fitted_twice_is_stored_in_the_same_bytes(data, tmp_path):
    rows, codes = data
    for model in selection_models(rows):
        kept = []
        for name in ("one", "two"):
            kept.append(model.fit(rows, None, codes, 2, seed=0))  # both alive: no address is used twice
            save(kept[-1], tmp_path / name)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_no_time_and_no_address_is_stored():
    shared = np.arange(3)
    archive = same_bytes(skops.dumps({"a": shared, "b": shared, "file": "x.npy", "__id__": 5}))
    with ZipFile(BytesIO(archive)) as opened:
        assert {one.date_time for one in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert opened.namelist() == ["0.npy", "schema.json"]
        assert json.loads(opened.read("schema.json"))["__id__"] == 0
    opened = skops.loads(archive)
    assert opened["a"] is opened["b"]
    assert (opened["file"], opened["__id__"]) == ("x.npy", 5)


def test_a_damaged_archive_is_still_told_as_such(tmp_path):
    from dechaff.errors import RunError

    rows, codes = texts(40)
    save(selection_models(rows)[0].fit(rows, None, codes, 2, seed=0), tmp_path / "model.skops")
    (tmp_path / "model.skops").write_bytes((tmp_path / "model.skops").read_bytes()[:-200])
    with pytest.raises(RunError, match="a model that dechaff saved"):
        load(tmp_path / "model.skops")
