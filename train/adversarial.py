"""The games that adversarial recipes play: cross-entropy as Goodfellow et al. 2014, Wasserstein with gradient penalty
as Gulrajani et al. 2017 (algorithm 1), and the relativistic one with two penalties of Huang et al. 2024.

Generator and critic have an optimiser each. A step of one leaves the other's weights untouched.
"""

from dataclasses import dataclass
from typing import Literal, cast

import torch

from gen_lab import registry
from gen_lab.models.parts import adversarial
from gen_lab.values import Count, Decay, Natural, Positive, Share, Weight
from train import loop
from train.augment import DRAWS, augment
from train.loop import setting


@dataclass(frozen=True)
class Settings(loop.Settings):
    learning_rate: Positive = setting(2e-4, "of the generator's Adam")
    critic_rate: Positive = setting(2e-4, "of the critic's Adam")
    betas: tuple[Decay, Decay] = setting((0.5, 0.999), "of both")
    anneal: bool = setting(False, "bring both learning rates to zero by a cosine")
    augment: bool = setting(False, "differentiable augmentation of all that the critic sees")


@dataclass(frozen=True)
class GameSettings(Settings):
    """Settings of a game of cross-entropy."""

    label_noise: Share = setting(0.0, "targets vary at random: real ones up to so much higher, fake ones lower")
    smoothing: Share = setting(0.0, "one-sided label smoothing: how far below 1 the target of real pictures lies")
    flips: Share = setting(0.0, "share of the labels that the discriminator is told wrong")
    optimiser: Literal["adam", "sgd"] = setting("adam", "adam, or sgd: with Nesterov momentum of 0.9")


@dataclass(frozen=True)
class WassersteinSettings(Settings):
    penalty: Weight = setting(10.0, "weight of the gradient penalty")
    head_start: Natural = setting(0, "steps that the critic makes before the generator's first")
    critic_steps: Count = setting(5, "steps of the critic (which the run's are) for each of the generator")
    mismatched: Share = setting(0.0, "share of the fakes that are real pictures under another's label")
    betas: tuple[Decay, Decay] = setting((0.0, 0.9), "of both")


@dataclass(frozen=True)
class RelativisticSettings(Settings):
    """Settings of a relativistic game."""

    betas: tuple[Decay, Decay] = setting((0.0, 0.99), "of both")
    anneal: bool = setting(True, "bring both learning rates to zero by a cosine")
    augment: bool = setting(True, "differentiable augmentation of all that the critic sees")
    penalty: Positive = setting(2.0, "weight of half of both gradient penalties, at the start")
    last_penalty: Positive = setting(0.2, "and at the end; between them it falls geometrically")
    penalty_every: Count = setting(4, "steps between two with penalties, whose weights are so many times as large")


def setup(run, settings, model: adversarial.Adversarial) -> dict:
    """Generator and critic of a model with their optimisers."""

    if isinstance(model.critic, adversarial.ProjectedCritic):
        model.critic.eye.load_imagenet()
    kind = getattr(settings, "optimiser", "adam")

    def make(rate):
        if kind == "sgd":
            return lambda parameters: torch.optim.SGD(parameters, rate, momentum=0.9, nesterov=True)
        return lambda parameters: torch.optim.Adam(parameters, rate, settings.betas)

    return {
        "model": model,
        # Fabric's wrappers are for modules that one loss goes through; here gradients are averaged in `update`.
        "generator": (run.setup("generator", model.generator, make(settings.learning_rate))[1], settings.learning_rate),
        "critic": (run.setup("critic", model.critic, make(settings.critic_rate))[1], settings.critic_rate),
    }


def update(run, settings, module: torch.nn.Module, optimiser, rate: float, loss: torch.Tensor) -> None:
    """One step of the optimiser of a module, whose gradients are averaged over all processes."""
    for group in optimiser.param_groups:
        group["lr"] = rate * (run.anneal() if settings.anneal else 1.0)
    optimiser.zero_grad()
    run.fabric.backward(loss)
    if run.fabric.world_size > 1:
        for parameter in module.parameters():
            if parameter.grad is not None:
                parameter.grad = run.fabric.all_reduce(parameter.grad, reduce_op="mean")
    optimiser.step()


def latents(run, model, purpose: int) -> torch.Tensor:
    """A batch from the model's prior, this process's share."""
    shape = (run.settings.batch_size, model.latent_dim)
    return run.mine(adversarial.draw(model.prior, shape, run.generator(purpose))).to(run.device)


def critic_view(run, settings, images: torch.Tensor, purpose: int) -> torch.Tensor:
    """The critic's view of pictures: augmented, if the settings say so."""
    if not settings.augment:
        return images
    return augment(images, run.mine(torch.rand(settings.batch_size, DRAWS, generator=run.generator(purpose))))


def cross_entropy_steps(run, settings, parts, mirror: bool = True):
    """One step of the discriminator, then one of the generator, per step."""
    model, (move_generator, rate), (move_critic, critic_rate) = parts["model"], parts["generator"], parts["critic"]
    for images, _ in run.batches(mirror):
        noise = run.mine(torch.rand(settings.batch_size, 4, generator=run.generator(5))).to(run.device)
        real_target = 1 - settings.smoothing + settings.label_noise * noise[:, 0]
        fake_target = -settings.label_noise * noise[:, 1]
        flipped = noise[:, 2] < settings.flips
        real_target, fake_target = (
            torch.where(flipped, fake_target, real_target),
            torch.where(flipped, real_target, fake_target),
        )
        with run.fabric.autocast():
            fake = model.generator(latents(run, model, 1))
            real = model.critic(critic_view(run, settings, images, 6))
            of_fake = model.critic(critic_view(run, settings, fake.detach(), 7))
        discriminator = adversarial.cross_entropy_loss(real, of_fake, real_target, fake_target)
        update(run, settings, model.critic, move_critic, critic_rate, discriminator)

        model.critic.requires_grad_(False)
        with run.fabric.autocast():
            verdicts = model.critic(critic_view(run, settings, fake, 8))
        generator = adversarial.non_saturating_loss(verdicts)
        update(run, settings, model.generator, move_generator, rate, generator)
        model.critic.requires_grad_(True)
        yield {
            "generator": generator,
            "discriminator": discriminator,
            "real": real.detach().sigmoid().mean(),
            "fake": of_fake.detach().sigmoid().mean(),
        }


def wasserstein_steps(run, settings, parts, label=None, mirror: bool = True):
    """One step of the critic per step, and with every so many one of the generator.

    `label(attributes)` gives the labels (B, L) of a batch, for a conditional model. Its critic may also learn that a
    real picture under a wrong label is a fake (Reed et al. 2016, section 4.1, algorithm 1).
    """
    model, (move_generator, rate), (move_critic, critic_rate) = parts["model"], parts["generator"], parts["critic"]
    critic, first = model.critic, min(settings.head_start, settings.steps // 2)
    parameters = [parameter for parameter in critic.parameters() if parameter.requires_grad]
    for images, attributes in run.batches(mirror):
        labels = label(attributes) if label else None
        share = run.mine(torch.rand(settings.batch_size, generator=run.generator(5))).to(run.device)
        with torch.no_grad(), run.fabric.autocast():
            fake = model.decode(latents(run, model, 1), labels)
            if labels is not None and settings.mismatched:
                fake = torch.where(mismatches(run, settings, labels)[:, None, None, None], images.roll(1, 0), fake)
            views = critic_view(run, settings, images, 6), critic_view(run, settings, fake, 7)
            of_real, of_fake = ([maps.float() for maps in critic.inputs(view)] for view in views)
        with run.fabric.autocast():
            real, unreal = critic.value(of_real, labels), critic.value(of_fake, labels)
            penalty = settings.penalty * adversarial.gradient_penalty(critic, of_real, of_fake, share, labels)
        total = adversarial.wasserstein_loss(real, unreal) + penalty
        update(run, settings, critic, move_critic, critic_rate, total)
        real, unreal = real.detach().mean(), unreal.detach().mean()
        losses = {"critic": total, "wasserstein": real - unreal, "penalty": penalty, "real": real, "fake": unreal}

        if run.step >= first and (run.step - first) % settings.critic_steps == 0:
            for parameter in parameters:
                parameter.requires_grad_(False)
            with run.fabric.autocast():
                pictures = model.decode(latents(run, model, 3), labels)
                generator = -critic(critic_view(run, settings, pictures, 8), labels).mean()
            update(run, settings, model.generator, move_generator, rate, generator)
            for parameter in parameters:
                parameter.requires_grad_(True)
            losses["generator"] = generator
        yield losses


def relativistic_steps(run, settings, parts, mirror: bool = True):
    """One step of the critic, then one of the generator, per step (Huang et al. 2024, section 2).

    The penalties are taken lazily (Karras et al. 2020, "StyleGAN2", section 3.1).
    """
    model, (move_generator, rate), (move_critic, critic_rate) = parts["model"], parts["generator"], parts["critic"]
    critic = model.critic
    for images, _ in run.batches(mirror):
        share, is_penalised = run.step / settings.steps, run.step % settings.penalty_every == 0
        weight = settings.penalty ** (1 - share) * settings.last_penalty**share
        with run.fabric.autocast():
            fake = model.generator(latents(run, model, 1)).float()
            views = [critic_view(run, settings, images, 6), critic_view(run, settings, fake.detach(), 7)]
            views = [view.requires_grad_(is_penalised) for view in views]
            real, unreal = (critic(view) for view in views)
        losses = {"critic": adversarial.relativistic_loss(real, unreal), "margin": (real - unreal).detach().mean()}
        total = losses["critic"]
        if is_penalised:
            losses["r1"], losses["r2"] = (
                adversarial.zero_centred_penalty(values, view)
                for values, view in zip((real, unreal), views, strict=True)
            )
            total = total + settings.penalty_every * weight / 2 * (losses["r1"] + losses["r2"])
        update(run, settings, critic, move_critic, critic_rate, total)

        critic.requires_grad_(False)
        with run.fabric.autocast():
            of_fake = critic(critic_view(run, settings, fake, 8))
            of_real = critic(critic_view(run, settings, images, 9))
        losses["generator"] = adversarial.relativistic_loss(of_fake, of_real)
        update(run, settings, model.generator, move_generator, rate, losses["generator"])
        critic.requires_grad_(True)
        yield losses


def mismatches(run, settings, labels: torch.Tensor) -> torch.Tensor:
    """(B,): where the previous row's picture, which has another label, serves as a fake."""
    mask = run.mine(torch.rand(settings.batch_size, generator=run.generator(9))) < settings.mismatched
    return mask.to(labels.device) & (labels != labels.roll(1, 0)).any(1)


def begin_with(model: adversarial.Adversarial, name: str) -> None:
    """Gives generator and critic the weights of another checkpoint, or the generator those of an autoencoder's decoder.
    Both generators are networks of stages, with the same widths.

    Where the latent has another size, the first layer is the other's on a random subspace of its latents, scaled so
    that the latents keep their length. Raises `CheckpointError`, and ValueError for one that does not fit.
    """
    source = registry.load(name).model
    try:
        _copy(source, model)
    except (RuntimeError, AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"'{name}' has other networks than this: use its widths, or another --start") from error


def _copy(source, model: adversarial.Adversarial) -> None:
    if isinstance(source, adversarial.Adversarial):
        first_layer, stages = cast(torch.nn.Linear, source.generator.linear), source.generator.stages
        model.critic.load_state_dict(source.critic.state_dict(), strict=False)
    else:
        first_layer, stages = source.from_latent, source.decoder
    model.generator.stages.load_state_dict(stages.state_dict())
    with torch.no_grad():
        linear = cast(torch.nn.Linear, model.generator.linear)
        linear.weight.copy_(on_subspace(first_layer.weight, linear.in_features))
        linear.bias.copy_(first_layer.bias)


def on_subspace(weight: torch.Tensor, inputs: int) -> torch.Tensor:
    """A linear layer's weight (outputs, n) on a random subspace: (outputs, inputs)."""
    outer = weight.shape[1]
    if inputs == outer:
        return weight
    basis, _ = torch.linalg.qr(torch.randn(outer, inputs))  # (outer, inputs), orthonormal columns
    return weight @ basis * (outer / inputs) ** 0.5


STRIP = 8  # pictures of a preview


def preview(run, latent_dim: int, prior: str = "normal", labels: torch.Tensor | None = None) -> torch.Tensor:
    """Pictures of the averaged generator from fixed latents."""
    latents = adversarial.draw(prior, (STRIP, latent_dim), torch.Generator().manual_seed(0)).to(run.device)
    with run.fabric.autocast():
        return run.averaged["generator"](latents, labels).float().clamp(-1, 1)


def averaged_model(run, model: adversarial.Adversarial) -> adversarial.Adversarial:
    """The model with the run's averaged weights, on the CPU."""
    model.generator, model.critic = run.averaged["generator"], run.averaged["critic"]
    return model.cpu()
