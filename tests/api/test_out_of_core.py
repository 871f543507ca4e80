from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dechaff.api.out_of_core import reads_out_of_core, runs_out_of_core
from dechaff.api.reading import job_of
from dechaff.records.options import AuditOptions


@pytest.mark.parametrize("suffix", ["csv", "parquet", "arrow"])
def test_files_whose_rows_all_fit_into_the_sample_are_audited_in_memory(suffix: str, tmp_path: Path) -> None:
    """However large the files are by their footers, or by rows that are longer than the first ones."""
    for number in range(40):
        text = "word " * (2 if number == 0 else 60)
        frame = pl.DataFrame({"text": [f"{text} {row}" for row in range(10)], "label": ["a", "b"] * 5})
        write = {"csv": frame.write_csv, "parquet": frame.write_parquet, "arrow": frame.write_ipc}[suffix]
        write(tmp_path / f"{number:02d}.{suffix}")
    job = job_of(tmp_path, AuditOptions(label="label", memory="500MiB"))
    assert reads_out_of_core(job.source, job.options.memory)
    assert not runs_out_of_core(job)
