"""How an algorithm runs; knows no algorithm, no file format and no cluster."""
