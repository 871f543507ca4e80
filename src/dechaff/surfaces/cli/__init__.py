"""The command line: a thin surface over the public functions. Results go to stdout, progress to stderr."""
