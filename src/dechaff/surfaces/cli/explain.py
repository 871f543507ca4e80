"""``dechaff explain``."""

from __future__ import annotations

from dataclasses import asdict

from dechaff.records.codes import CODES
from dechaff.records.explanation import explanation
from dechaff.surfaces.cli.console import print_json
from dechaff.surfaces.cli.exits import FINE


def explain(code: str | None = None, /, *, json: bool = False) -> int:
    """Explain a code of a finding: what it means and what to do about it.

    Parameters
    ----------
    code
        Such as L001; without one, all codes are listed.
    json
        Print the result as JSON.
    """
    if code is None:
        _list_codes(json=json)
        return FINE
    page = explanation(code)
    if json:
        print_json({**asdict(CODES[code.strip().upper()]), "page": page})
    else:
        print(page)
    return FINE


def _list_codes(*, json: bool) -> None:
    if json:
        print_json([asdict(code) for code in CODES.values()])
    else:
        print("\n".join(f"{code.code}  {code.title}" for code in CODES.values()))
