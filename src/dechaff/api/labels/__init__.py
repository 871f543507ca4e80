"""Wrong labels of every kind: one function and one result each, with one base."""
