"""dechaff: finds what is wrong in labelled data, fixes it, and proves that the model got better."""
