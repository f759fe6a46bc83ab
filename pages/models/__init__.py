"""Chapter: Behind the pages 1. Icon: model_training."""
