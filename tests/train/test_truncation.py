"""Where truncation starts, and which pictures may ship."""

from train import held_out, truncation


def row(threshold, precision, diversity):
    return {"threshold": threshold, "precision": precision, "diversity": diversity}


def test_the_best_is_the_most_precise_that_is_still_varied():
    rows = [row(4.0, 0.5, 1.0), row(1.0, 0.7, 0.9), row(0.5, 0.9, 0.4)]
    assert truncation.best(rows) == 1.0


def test_of_equal_ones_it_is_the_largest():
    assert truncation.best([row(4.0, 0.0, 1.0), row(1.0, 0.0, 1.0)]) == 4.0


def test_pictures_that_may_not_be_passed_on_are_refused(capsys):
    assert held_out.main(["wgan_gp-faces"]) == 1 and "may not be passed on" in capsys.readouterr().err
