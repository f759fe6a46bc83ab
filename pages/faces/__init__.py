"""Chapter: Latent spaces 2. Icon: face."""
