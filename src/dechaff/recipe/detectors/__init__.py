"""What explore looks for, one file a subject: each detector maps the columns of a data set to a method."""
