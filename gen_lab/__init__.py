"""gen_lab: explore the latent spaces of generative models, live."""

from gen_lab.registry import load

__all__ = ["load"]
