"""Chapter: Latent spaces 3. Icon: route."""
