"""``dechaff augment``: rows made from other rows, if that helps."""

from __future__ import annotations

import shlex

from dechaff.records.keywords import with_options
from dechaff.report.words import of_things, one_line, percent
from dechaff.surfaces.cli.audit import Data
from dechaff.surfaces.cli.console import print_json, print_next, say, shown_progress, stdout, table
from dechaff.surfaces.cli.main import FINE
from dechaff.surfaces.cli.options import AugmentFlags, Output, read_flags
from dechaff.surfaces.cli.runs import next_commands

_SHOWN = 20


def augment(source: Data, /, *, options: AugmentFlags = AugmentFlags(), output: Output = Output()) -> int:
    """Add rows made from other rows, if that helps on held-out rows.

    Tries operations on numbers or text inside training folds, drops those that make rows look like another class, and
    tests the best one on fresh folds. If it helps, writes the training rows and the new ones to a CSV, in which aug_of
    names the row from which each was made. With --run, the new rows become a finding of an audit instead, and dechaff
    apply writes them with the rest. "None" is an answer. Test rows are not read. The file itself stays.
    """
    from dechaff.api.augmenting import augment as run  # loads what the work needs, which --help does not

    with shown_progress(quiet=output.quiet) as progress:
        found = with_options(run)(source, read_flags(options, progress=progress))
    lines = found.table().to_dicts()
    if output.json:
        written = None if found.output is None else str(found.output)
        print_json({"result": found.study.words, "output": written, "new_rows": found.n_new, "tried": lines})
        return FINE
    console = stdout()
    say(console, found.study.words, "bold")
    say(console, f"Model: {found.model}. Gain: decrease of the Brier score on held-out training rows.")
    shown = table("operation", "label flips", "gain", "accuracy", "")
    for line in lines[:_SHOWN]:
        gain, right = (f"{line[name]:+.3f}" if line[name] is not None else "" for name in ("gain", "accuracy"))
        flips = "" if line["flip_rate"] is None else percent(line["flip_rate"])
        shown.add_row(one_line(line["operation"], 60), flips, gain, right, one_line(line["refused"], 80))
    if lines:
        console.print(shown)
    if found.output is not None:
        say(console, f"{of_things(found.n_rows, 'row')} and {found.n_new:,} new ones: {found.output}")
        if not output.quiet:
            words = ["dechaff", "audit", str(found.output)]
            print_next(shlex.join([*words, *(["--label", str(options.label)] if options.label else [])]))
    if found.run is not None and found.n_new and not output.quiet:
        say(console, f"{found.n_new:,} new rows: finding A001 of {found.run}")
        print_next(next_commands(found.run)[-1])
    return FINE
