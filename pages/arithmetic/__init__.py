"""Chapter: Latent spaces 4. Icon: calculate."""
