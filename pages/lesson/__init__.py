"""Chapter: Teaching 1. Icon: co_present."""
