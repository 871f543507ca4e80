"""Several sources of evidence about labels: several models, neighbours in an embedding, the course of a training."""
