"""The perceptron and stochastic gradient descent, written to be read: a teaching baseline, not for production."""
