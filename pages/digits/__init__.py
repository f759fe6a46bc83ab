"""Chapter: Latent spaces 1. Icon: draw."""
