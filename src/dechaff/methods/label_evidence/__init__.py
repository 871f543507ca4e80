"""More than one witness of the labels: several models, neighbours in an embedding, the course of a training."""
