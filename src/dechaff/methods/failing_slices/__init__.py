"""Parts of the data in which a model fails although the labels look right."""
