"""The public functions of dechaff and their results: `dechaff` gives each of them its name, loaded on first use."""

from dechaff.records.codes import explain

__all__ = ["explain"]
