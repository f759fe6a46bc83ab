"""Chapter: Words 1. Icon: short_text."""
