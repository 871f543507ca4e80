"""File formats: each opens a file, gives its rows in parts, as cells or as numbers, and writes them back."""
