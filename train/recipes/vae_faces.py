"""VAE on CelebA faces -> checkpoints/vae-faces.

    python -m train vae_faces

First the ELBO of a Gaussian decoder, with beta steered so that the KL settles at a stated rate in nats (the capacity
of Burgess et al. 2018, held by dual ascent as in Rezende and Viola 2018), plus a perceptual distance (Hou et al. 2017,
"Deep Feature Consistent VAE").

Then the decoder is polished alone, under an encoder that stays as it is. Two discriminators ask for texture (Larsen et
al. 2016, VAE/GAN). One sees patches of a frozen ImageNet network's feature maps. The other sees pixels, of
reconstructions and of samples, held smooth by a gradient penalty on real pictures (Mescheder et al. 2018, R1); its
weight follows the ratio of gradients at the decoder's last layer (Esser et al. 2021, VQGAN, eq. 7). The samples come
from a mixture that is fitted, as that of the finished model, to what the frozen encoder makes of the data.

Meanwhile the concept directions, found once from the labels, are held to their names: an attribute classifier that is
trained alongside must see what a move asks for, and nothing else where the other concepts are locked (Choi et al. 2018,
StarGAN, eq. 2 and 3; He et al. 2019, AttGAN). That classifier is not the judge which measures the sliders afterwards.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import nn

from gen_lab.checkpoint import Checkpoint
from gen_lab.latent import Directions
from gen_lab.metrics.perceptual import PerceptualDistance
from gen_lab.metrics.vae import encode_all
from gen_lab.models import judge, vae
from gen_lab.models.parts.adversarial import (
    Critic,
    ProjectedDiscriminator,
    cross_entropy_loss,
    discriminator_loss,
    generator_loss,
    non_saturating_loss,
    zero_centred_penalty,
)
from gen_lab.models.parts.layers import halved, leaky
from gen_lab.values import Count, Name, NameOrNone, Names, Natural, Positive, Weight, Width, Widths
from train import loop
from train.augment import DRAWS, augment
from train.judging import soften
from train.loop import Attributes, DataName, setting

POOL = 2**15  # latents, drawn once, that polishing takes its samples from
FITTED = 14_000  # pictures at most that their mixture is fitted to
EVERY = 8  # steps between two in which the discriminator on pixels is penalised, and its weight moves
OF_PRIOR = ("prior", "components", "flow_width", "flow_blocks")  # of the model's config; the prior is fitted at the end
CATCH_UP = 0.1  # share of the way to the weight just found that such a step moves


@dataclass(frozen=True)
class Settings(loop.Settings):
    name: Name = setting("vae-faces", "name of the checkpoint")
    data: DataName = setting("celeba", "data set: one that python -m train.data lists")
    start: NameOrNone = setting("", "finished checkpoint of this recipe that the run goes on from, if any")
    steps: Count = setting(5900, "optimisation steps of the whole run, those of --start included")
    batch_size: Count = setting(96, "images per step, over all processes together")
    latent_dim: Width = setting(128, "numbers in a latent vector")
    widths: Widths = setting((32, 64, 128, 192), "channels after each halving")
    residual: bool = setting(True, "residual blocks; --no-residual is the textbook's plain network")
    variance: Positive = setting(0.1, "variance of p(x | z) per pixel channel, images in [-1, 1]")
    beta: Weight = setting(1.0, "weight of the KL term; where it starts if a rate is asked for")
    rate: Weight = setting(268.0, "nats that the KL should settle at, by adapting beta; 0 keeps beta as it is")
    kl_warm_up: Count = setting(500, "steps over which the KL's weight rises from zero")
    perceptual: Weight = setting(150.0, "weight of the perceptual distance, in nats per unit; 0 leaves it out")
    learning_rate: Positive = setting(6e-4, "of AdamW, after a linear warm-up, annealed to zero by a cosine")
    polish: Natural = setting(1500, "steps, the last of the run, in which the decoder is polished; 0 leaves them out")
    polish_rate: Positive = setting(3e-4, "learning rate of the polished decoder, its discriminator and its classifier")
    polish_perceptual: Weight = setting(300.0, "weight of the perceptual distance while polishing")
    adversarial: Weight = setting(400.0, "weight of the discriminator, in nats per unit of its logit")
    pixels: Weight = setting(
        0.6, "of a discriminator on pixels: its gradient's norm as a share of the reconstruction's; 0 leaves it out"
    )
    pixels_most: Positive = setting(4000.0, "its greatest weight, in nats per unit of its loss")
    pixels_widths: Widths = setting((64, 128, 256, 256), "its channels after each halving")
    pixels_penalty: Weight = setting(1.0, "weight of its squared gradient at real pictures")
    concept: Weight = setting(600.0, "weight of a moved picture's cross-entropy, in nats per nat")
    steady: Weight = setting(2000.0, "weight of what a move changes: the mean absolute difference of pixel channels")
    exclusive: Names = setting(
        ("Black_Hair+Blond_Hair+Brown_Hair+Gray_Hair",), "groups of attributes of which a picture has at most one"
    )
    judge: NameOrNone = setting("judge-faces", "checkpoint that measures the sliders")
    sliders: Attributes = setting(
        ("Smiling", "Mouth_Slightly_Open", "Eyeglasses", "Male", "Young", "Heavy_Makeup")
        + ("Blond_Hair", "Brown_Hair", "Black_Hair", "Bangs", "Wavy_Hair", "No_Beard", "Pale_Skin"),
        "attributes that become sliders on the page, in this order",
    )


TEXTBOOK = Settings(
    name="vae-faces-textbook",
    steps=5400,
    widths=(32, 64, 128, 256),
    residual=False,
    rate=0.0,
    kl_warm_up=1,
    perceptual=0.0,
    polish=0,
)


def setup(run, settings):
    size, channels = run.data.images.shape[2:]
    config = vae.Config(size, channels, settings.latent_dim, settings.widths, settings.residual)
    start = run.go_on_from(settings.start) if settings.start else None
    parts = {
        "model": run.setup(
            "model", begun(config, start), lambda p: torch.optim.AdamW(p, settings.learning_rate, weight_decay=1e-4)
        ),
        "log_beta": run.tensor("log_beta", torch.tensor(start.card["beta"] if start else settings.beta).log()),
    }
    if settings.perceptual or settings.polish:
        parts["distance"] = PerceptualDistance().to(run.device).to(memory_format=torch.channels_last)
    if settings.polish:
        parts["discriminator"] = run.setup(
            "discriminator",
            ProjectedDiscriminator(parts["distance"].channels),
            lambda p: torch.optim.Adam(p, settings.polish_rate, (0.0, 0.99)),
        )
        parts["classifier"] = run.setup(
            "classifier",
            judge.Judge(judge.Config(run.data.attribute_names, size, channels)),
            lambda p: torch.optim.AdamW(p, 2e-3, weight_decay=0.05),
        )
    if settings.polish and settings.pixels:
        parts["pixels"] = run.setup(
            "pixels",
            pixel_critic(size, channels, settings.pixels_widths),
            lambda p: torch.optim.Adam(p, settings.polish_rate, (0.0, 0.99)),
        )
        parts["pixels_weight"] = run.tensor("pixels_weight", torch.zeros(()))
    return parts


def begun(config: vae.Config, start: Checkpoint | None) -> vae.VAE:
    """The model before the run's first step: with fresh weights, or with those of the finished run it goes on from.

    Raises ValueError if that one's network is another.
    """
    model = vae.VAE(config)
    if start:
        if replace(start.model.config, **{name: getattr(config, name) for name in OF_PRIOR}) != config:
            raise ValueError(f"'{start.card['name']}' is not the network that these settings ask for: use its own")
        weights = start.model.state_dict().items()
        model.load_state_dict({name: value for name, value in weights if not name.startswith("prior.")}, strict=False)
    return model


def pixel_critic(size: int, channels: int, widths: tuple[int, ...]) -> Critic:
    """Pictures (B, channels, size, size) to (B,): a convolution at full resolution, where a decoder's dots show, then
    one for each halving, without normalisation. Its first weights keep the signal's size (He et al. 2015, eq. 15)."""
    side = halved(size, len(widths))
    layers = [nn.Conv2d(channels, widths[0], 3, padding=1), leaky()]
    for narrower, width in zip((widths[0], *widths), widths, strict=False):
        layers += [nn.Conv2d(narrower, width, 4, stride=2, padding=1), leaky()]
    for convolution in layers[::2]:
        nn.init.kaiming_normal_(convolution.weight, 0.2)
    return Critic(nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * side * side, 1)))


def steps(run, settings, parts):
    elbo_steps = first_of_polish(settings)
    if run.step < elbo_steps:
        for losses in train_elbo(run, settings, parts, elbo_steps):
            yield losses
            if run.step == elbo_steps:
                break
    yield from polish(run, settings, parts, elbo_steps)


def first_of_polish(settings) -> int:
    """The step at which polishing begins. A run that is too short for the setting polishes in its second half."""
    return settings.steps - (settings.polish if settings.polish < settings.steps else settings.steps // 2)


def set_learning_rate(optimiser, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate


def train_elbo(run, settings, parts, last: int):
    """Encoder and decoder together, up to step `last`."""
    (model, optimiser), log_beta = parts["model"], parts["log_beta"]
    for images, _ in run.batches():
        set_learning_rate(optimiser, settings.learning_rate * run.anneal(last=last))
        reconstruction, mean, log_var = model(images, run.randn(settings.latent_dim))
        beta = beta_of(run, settings, log_beta)
        losses = vae.elbo(images, reconstruction, mean, log_var, settings.variance, beta)
        if settings.perceptual:
            # Every other image: an unbiased estimate of the whole batch's mean at half of the cost.
            with run.fabric.autocast():
                losses["perceptual"] = parts["distance"](reconstruction[::2], images[::2]).mean()
            losses["total"] = losses["total"] + settings.perceptual * losses["perceptual"]
        optimiser.zero_grad()
        run.fabric.backward(losses["total"])
        run.fabric.clip_gradients(model, optimiser, max_norm=200.0, error_if_nonfinite=False)
        optimiser.step()
        if settings.rate and run.step >= settings.kl_warm_up:
            kl = run.fabric.all_reduce(losses["kl"].detach(), reduce_op="mean")
            log_beta += 0.02 * ((kl - settings.rate) / settings.rate).clamp(-1, 1)
        squared_error = (reconstruction.detach() - images).square().mean()
        yield {**losses, "squared_error": squared_error, "beta": beta}


def beta_of(run, settings, log_beta) -> torch.Tensor:
    """The KL term's weight at the current step."""
    return log_beta.exp() * min(1.0, (run.step + 1) / settings.kl_warm_up)


def polish(run, settings, parts, first: int):
    """The decoder alone, from step `first` to the end. The encoder is the averaged one, which ships."""
    averaged, (model, optimiser) = run.averaged["model"], parts["model"]
    (discriminator, sharpen), (classifier, learn) = parts["discriminator"], parts["classifier"]
    first = max(first, run.first)
    if run.step == first:
        model.load_state_dict(averaged.state_dict())
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("from_latent" in name or "decoder" in name)
    sliders = Sliders.of(run, settings, averaged)
    pool = prior_latents(run, averaged) if settings.pixels else None

    classifier.eval()  # without dropout, which would be another one in every process
    for images, attributes in run.batches():
        for trainer, rate in ((optimiser, settings.polish_rate), (sharpen, settings.polish_rate), (learn, 2e-3)):
            set_learning_rate(trainer, rate * run.anneal(first))
        # Half of a batch is enough here, and a step half as long.
        softened, images, attributes = soften(run, images)[::2], images[::2], attributes[::2]
        moves = draw_moves(run, len(sliders.columns))
        with torch.no_grad(), run.fabric.autocast():
            mean, log_var = averaged.encode(images)
        latents = [vae.reparameterise(mean, log_var, run.randn(settings.latent_dim)[::2])]
        latents += [moved(mean[::2], moves, sliders)]
        latents += [draw_samples(run, pool)] if pool is not None else []
        reconstruction, edited, *samples = decode(run, model, latents)

        learned = step_of_classifier(run, classifier, learn, softened, attributes)
        with run.fabric.autocast():
            of_images = [maps.detach() for maps in parts["distance"].features(images[::2])]
            of_pictures = parts["distance"].features(torch.cat([reconstruction[::2], edited]))
        told_apart = step_of_discriminator(run, discriminator, sharpen, of_images, of_pictures)

        for critic in (discriminator, classifier):
            critic.requires_grad_(False)
        losses = decoder_losses(run, parts, images, reconstruction, edited, of_images, of_pictures, moves, sliders)
        beta = beta_of(run, settings, parts["log_beta"])
        losses |= vae.elbo(images, reconstruction, mean, log_var, settings.variance, beta) | {"beta": beta}
        losses["total"] = losses["total"] + settings.perceptual * losses["perceptual"]  # as it was before polishing
        ready = min(1.0, (run.step - first) / 200)  # critics that have just begun have nothing to teach
        total = weighted_sum(settings, losses, ready)
        if samples:
            set_learning_rate(parts["pixels"][1], settings.polish_rate * run.anneal(first))
            losses |= pixel_losses(run, settings, parts, images, reconstruction, samples[0], losses)
            total = total + settings.pixels * losses["pixels_weight"] * losses["pixels_adversarial"]
        step_of_decoder(run, model, optimiser, total)
        for critic in (discriminator, classifier):
            critic.requires_grad_(True)
        yield losses | {"discriminator": told_apart, "classifier": learned}


def prior_latents(run, model) -> torch.Tensor:
    """(POOL, D) on the device, from a mixture like the finished model's prior, fitted to part of the encoded data."""
    images = run.data.images
    prior = vae.MixturePrior(len(model.prior.weights), model.latent_dim)
    prior.fit(*encode_all(model, images[:: -(-len(images) // FITTED)]))
    generator = torch.Generator().manual_seed(run.settings.seed)
    # In parts, for each latent takes a matrix with it.
    return torch.cat([prior.sample(POOL // 32, generator) for _ in range(32)]).to(run.device)


def draw_samples(run, pool: torch.Tensor) -> torch.Tensor:
    """Latents (B / 2, D) of the pool for this step, where B is this process's share of the batch."""
    rows = torch.randint(len(pool), (run.settings.batch_size,), generator=run.generator(7))
    return pool[run.mine(rows)[::2].to(pool.device)]


@dataclass(frozen=True, eq=False)
class Sliders:
    """The k concepts that pictures are moved along while the decoder is polished."""

    directions: torch.Tensor  # (2, k, D): each alone, and with all others locked
    columns: torch.Tensor  # (k,): of their attributes in the data
    watched: torch.Tensor  # boolean (k, k), see `free_of_each_other`

    @classmethod
    def of(cls, run, settings, model) -> "Sliders":
        """The settings' sliders, as the model encodes them."""
        names, attributes = settings.sliders, run.data.attribute_names
        directions = find_directions(run, model, names)
        return cls(
            torch.stack([directions.locked(names, []), directions.locked(names, names)]).to(run.device),
            torch.tensor([attributes.index(name) for name in names], device=run.device),
            free_of_each_other(names, settings.exclusive).to(run.device),
        )


class Moves(NamedTuple):
    """One move along a slider for each of B pictures."""

    slider: torch.Tensor  # (B,): which one
    locked: torch.Tensor  # (B,): 1 where all others are locked, else 0
    sign: torch.Tensor  # (B,): 1 or -1
    length: torch.Tensor  # (B,): in slider units


def draw_moves(run, count: int) -> Moves:
    """Moves along `count` sliders for every fourth picture of this process."""
    whole, generator = run.settings.batch_size, run.generator(3)
    draws = (
        torch.randint(count, (whole,), generator=generator),
        torch.randint(2, (whole,), generator=generator),
        torch.randint(2, (whole,), generator=generator) * 2.0 - 1,
        1.5 + torch.rand(whole, generator=generator),
    )
    return Moves(*(run.mine(draw).to(run.device)[::4] for draw in draws))


def moved(means, moves: Moves, sliders: Sliders) -> torch.Tensor:
    """Latents (B, D), each after its move."""
    return means + (moves.sign * moves.length)[:, None] * sliders.directions[moves.locked, moves.slider]


def decode(run, model, latents: list[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Pictures of each of the latents. Past Fabric's wrapper: their gradients are averaged in `step_of_decoder`."""
    with run.fabric.autocast():
        pictures = model.module.decode(torch.cat(latents))
    return pictures.split([len(part) for part in latents])


def step_of_classifier(run, classifier, optimiser, images, attributes) -> torch.Tensor:
    """One step towards the attributes (B, A) of real pictures; its loss."""
    loss = judge.loss(classifier(images), attributes)["total"]
    optimiser.zero_grad()
    run.fabric.backward(loss)
    optimiser.step()
    return loss


def step_of_discriminator(run, discriminator, optimiser, of_images, of_pictures) -> torch.Tensor:
    """One step towards telling real pictures from decoded ones by their feature maps; its loss."""
    loss = discriminator_loss(
        discriminator(lengthened(of_images)), discriminator(lengthened([maps.detach() for maps in of_pictures]))
    )
    optimiser.zero_grad()
    run.fabric.backward(loss)
    optimiser.step()
    return loss


def pixel_losses(run, settings, parts, images, reconstruction, samples, losses: dict) -> dict:
    """One step of the discriminator on pixels; then the decoder's loss by it, of reconstructions and samples together,
    and that loss's weight, which every so often moves towards `gradient_ratio`."""
    (critic, optimiser), weight, model = parts["pixels"], parts["pixels_weight"], parts["model"][0]
    real, fake = pixel_views(run, images, reconstruction, samples)
    told_apart = step_of_pixels(run, settings, critic, optimiser, real, fake.detach())

    critic.requires_grad_(False)
    with run.fabric.autocast():
        adversarial = non_saturating_loss(critic.module(fake))
    if run.step % EVERY == 0:
        of_reconstruction = losses["reconstruction"] + settings.polish_perceptual * losses["perceptual"]
        ratio = gradient_ratio(run, last_weight(model.module), of_reconstruction, adversarial)
        weight.lerp_(ratio.clamp(max=settings.pixels_most), CATCH_UP)
    critic.requires_grad_(True)
    return {**told_apart, "pixels_adversarial": adversarial, "pixels_weight": weight.clone()}


def pixel_views(run, images, reconstruction, samples) -> tuple[torch.Tensor, torch.Tensor]:
    """What the discriminator on pixels sees, all of it augmented: real pictures (B, C, H, W) and decoded ones (2 B, C,
    H, W), through which gradients reach the decoder."""
    draws = run.mine(torch.rand(run.settings.batch_size, 3 * DRAWS, generator=run.generator(8)))[::2]
    views = augment(torch.cat([images, reconstruction, samples]), torch.cat(draws.chunk(3, 1)))
    return views[: len(images)].detach(), views[len(images) :]


def step_of_pixels(run, settings, critic, optimiser, real, fake) -> dict:
    """One step of the discriminator on pixels: cross-entropy, and on every `EVERY`-th step the penalty on real pictures
    (Mescheder et al. 2018, eq. 9), so many times as heavy (Karras et al. 2020, "StyleGAN2", section 3.1)."""
    is_penalised = run.step % EVERY == 0
    with run.fabric.autocast():
        of_real, of_fake = critic.module(real.requires_grad_(is_penalised)), critic.module(fake)
    losses = {"pixels": cross_entropy_loss(of_real, of_fake)}
    total = losses["pixels"]
    if is_penalised:
        losses["pixels_penalty"] = zero_centred_penalty(of_real, real)
        total = total + EVERY * settings.pixels_penalty * losses["pixels_penalty"]
    optimiser.zero_grad()
    run.fabric.backward(total)
    average_gradients(run, critic)
    optimiser.step()
    return losses


def gradient_ratio(run, weight, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """|d one / d weight| / |d other / d weight|, of the whole batch's losses (Esser et al. 2021, eq. 7)."""
    gradients = (torch.autograd.grad(loss, weight, retain_graph=True)[0] for loss in (one, other))
    norms = [run.fabric.all_reduce(gradient, reduce_op="mean").norm() for gradient in gradients]
    return norms[0] / (norms[1] + 1e-6)


def last_weight(model: vae.VAE) -> torch.Tensor:
    """The weight of the decoder's last layer."""
    parameters = [*model.from_latent.parameters(), *model.decoder.parameters()]
    return [parameter for parameter in parameters if parameter.ndim > 1][-1]


def lengthened(maps: list[torch.Tensor]) -> list[torch.Tensor]:
    """Feature maps (B, C, H, W) of length one at every place, scaled to entries of about one."""
    return [features * features.shape[1] ** 0.5 for features in maps]


def decoder_losses(run, parts, images, reconstruction, edited, of_images, of_pictures, moves, sliders) -> dict:
    """The decoder's losses besides the ELBO's and that of pixels."""
    (discriminator, _), (classifier, _) = parts["discriminator"], parts["classifier"]
    unmoved = reconstruction[::2].detach()
    with run.fabric.autocast():
        perceptual = parts["distance"].between([maps[: len(edited)] for maps in of_pictures], of_images).mean()
        adversarial = generator_loss(discriminator.module(lengthened(of_pictures)))
        logits = classifier.module(torch.cat([unmoved, edited]))[:, sliders.columns]
    before, after = logits.chunk(2)
    right = (after.gather(1, moves.slider[:, None])[:, 0] > 0) == (moves.sign > 0)
    return {
        "squared_error": (reconstruction.detach() - images).square().mean(),
        "perceptual": perceptual,
        "adversarial": adversarial,
        "concept": concept_loss(before, after, moves.slider, moves.locked, moves.sign, sliders.watched),
        "right": right.float().mean(),
        "steady": (edited - unmoved).abs().mean(),
    }


def weighted_sum(settings, losses: dict, ready: float) -> torch.Tensor:
    """The decoder's loss in nats, but for the discriminator on pixels. The critics' terms are weighted by how `ready`
    they are, 0 .. 1."""
    return (
        losses["reconstruction"]
        + settings.polish_perceptual * losses["perceptual"]
        + ready * (settings.adversarial * losses["adversarial"] + settings.concept * losses["concept"])
        + settings.steady * losses["steady"]
    )


def step_of_decoder(run, model, optimiser, loss: torch.Tensor) -> None:
    """One step of the model's free weights, whose gradients are averaged over all processes."""
    optimiser.zero_grad()
    run.fabric.backward(loss)
    average_gradients(run, model)
    run.fabric.clip_gradients(model, optimiser, max_norm=200.0, error_if_nonfinite=False)
    optimiser.step()


def average_gradients(run, module) -> None:
    """Over all processes, where a loss did not go through Fabric's wrapper."""
    if run.fabric.world_size > 1:
        for parameter in module.parameters():
            if parameter.grad is not None:
                parameter.grad = run.fabric.all_reduce(parameter.grad, reduce_op="mean")


def concept_loss(before, after, which, locked, sign, watched) -> torch.Tensor:
    """Cross-entropy between a classifier's view of a moved picture and the move's target.

    before, after (B, k) logits of the sliders' attributes; which (B,) the moved one, sign (B,) its direction. Where
    `locked` (B,), every attribute that `watched` (k, k) names for the moved one must stay as it was.
    """
    per_attribute = torch.nn.functional.binary_cross_entropy_with_logits
    of_moved = after.gather(1, which[:, None])[:, 0]
    moved = per_attribute(of_moved, (sign > 0).float(), reduction="none")
    probabilities = before.detach().sigmoid()
    # Minus the entropy of what was seen before: nothing is to be paid where nothing moves.
    stayed = per_attribute(after, probabilities, reduction="none") - per_attribute(
        before.detach(), probabilities, reduction="none"
    )
    return (moved + (stayed * watched[which]).sum(1) * locked).mean()


def free_of_each_other(names, exclusive) -> torch.Tensor:
    """(k, k) boolean: may one attribute come and go without the other? Not with itself, nor within a group of
    `exclusive` ("A+B+C"), of which a picture has at most one."""
    groups = [{*group.split("+")} for group in exclusive]
    return torch.tensor([[a != b and not any({a, b} <= group for group in groups) for b in names] for a in names])


def find_directions(run, model, choice=None):
    """Concept directions of all attributes that vary in the data, or of those in `choice`."""
    means, _ = encode_all(model, run.data.images)
    attributes = torch.from_numpy(run.data.attributes.copy())
    varies = attributes.any(0) & ~attributes.all(0)
    columns = [
        index
        for index, name in enumerate(run.data.attribute_names)
        if varies[index] and (choice is None or name in choice)
    ]
    names = tuple(run.data.attribute_names[index] for index in columns)
    return Directions.fit(means, attributes[:, columns], names)


def preview(run, settings):
    model = run.averaged["model"]
    latents = torch.randn(8, settings.latent_dim, generator=torch.Generator().manual_seed(0)).to(run.device)
    return model.decode(latents)


def export(run, settings):
    model = run.averaged["model"]
    directions = find_directions(run, model)
    model.cpu().prior.fit(*encode_all(model, run.data.images))
    card = {
        "judge": settings.judge,
        "sliders": settings.sliders,
        "beta": round(float(run.tensors["log_beta"].exp()), 4),
        "intended_use": "teaching and research on latent spaces; not for recognising or judging people",
        "limits": LIMITS,
    }
    return loop.Export("vae", model, card, directions)


LIMITS = [
    "Fine detail (teeth, hair strands, patterns) is painted in, not read from the picture: a few hundred nats are "
    "too few to carry it.",
    "Attributes are annotators' opinions, and are correlated in this data; a direction shows the data's "
    "associations, not facts about people.",
    "Faces unlike the training set (children, profiles, rare hats) are drawn towards its average.",
]
