"""Where names of other libraries over the public functions go; there are none yet."""
