"""Chapter: Adversarial games 3. Icon: swords."""
