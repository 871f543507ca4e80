"""Other libraries' names over dechaff's functions, for code that was written for them."""
