"""Labels that are a distribution over the classes, such as fractions of several annotators' answers."""
