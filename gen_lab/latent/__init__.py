"""Latent-space mathematics: paths, directions that mean something, planes. Principal directions and two-dimensional
layouts are modules that are imported by name: `principal`, `layouts`."""

from gen_lab.latent.directions import (
    ESTIMATORS,
    Directions,
    analogy,
    classifier_normal,
    cosines,
    mean_difference,
    project_out,
)
from gen_lab.latent.interpolation import along, constant_speed, lerp, slerp
from gen_lab.latent.planes import Box

__all__ = [
    "ESTIMATORS",
    "Box",
    "Directions",
    "along",
    "analogy",
    "classifier_normal",
    "constant_speed",
    "cosines",
    "lerp",
    "mean_difference",
    "project_out",
    "slerp",
]
