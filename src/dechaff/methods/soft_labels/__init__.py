"""Labels that are a distribution over the classes, such as shares of several people's answers."""
