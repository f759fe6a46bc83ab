"""gen_lab: explore the latent spaces of generative models, live."""

__all__ = ["load"]


def load(name: str, device=None):
    """A checkpoint by name, as `gen_lab.registry.load` gives it."""
    from gen_lab import registry  # which imports PyTorch: the server begins without it

    return registry.load(name, device)
