"""New columns made of others, in a form that people can read: which are possible, and which help a model."""
