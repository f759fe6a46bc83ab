"""Icon: co_present."""
