"""A model that learns the consensus of annotators from the data of their items."""
