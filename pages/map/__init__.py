"""Chapter: Latent spaces 5. Icon: map."""
