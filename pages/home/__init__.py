"""Icon: home."""
