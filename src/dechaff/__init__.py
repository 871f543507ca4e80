"""dechaff: finds what is wrong in labelled data, fixes it, and proves that the model got better."""

__version__ = "0.1.0"
