"""The review page: a local server, and pages that are made from the records of `Audit`'s review methods."""
