"""Chapter: Adversarial games 6. Icon: replay."""
