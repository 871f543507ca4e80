"""The chance c that a positive is labelled, one file an estimator; shares and priors follow by `scheme`."""
