"""Passes over the parts of any number of rows: where they work, what they keep, what the sample settles."""
