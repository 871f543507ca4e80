"""Labels of tokens in sentences: what the neighbours say, and what a sentence adds up to."""
