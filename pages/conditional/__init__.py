"""Chapter: Adversarial games 5. Icon: label."""
