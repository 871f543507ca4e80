"""Data augmentation of a labelled data set: the operations that suit its columns, and the new rows."""
