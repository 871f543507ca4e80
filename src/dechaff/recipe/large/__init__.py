"""The recipe on data that need not fit into memory: the same steps, in passes over the files."""
