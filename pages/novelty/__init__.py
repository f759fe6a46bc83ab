"""Chapter: Normal or not 1. Icon: fingerprint."""
