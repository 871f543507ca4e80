"""How an algorithm runs; independent of any algorithm, file format and cluster."""
