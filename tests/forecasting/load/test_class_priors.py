"""What new feeders are expected to draw."""

from typing import get_args

import numpy as np
import pytest

from forecasting.load.calendar import DayKind
from forecasting.load.priors import FeederKind, LoadPrior, class_prior, sum_of


def test_a_household_takes_two_to_three_kilowatt_hours_a_day_with_its_peak_in_the_evening() -> None:
    weekday_w = class_prior("houses", households=16, rated_w=8000).typical_w[DayKind.WEEKDAY]
    assert 2000 <= weekday_w.sum() / 16 <= 3000
    assert 18 <= int(weekday_w.argmax()) < 22
    assert weekday_w[:5].min() > 0.3 * weekday_w.mean()  # refrigerators


def test_lamps_of_the_street_burn_at_night_and_a_school_has_no_lessons_on_sunday() -> None:
    street = class_prior("street_lights", 1, 1500).typical_w[DayKind.WEEKDAY]
    assert street[12] == 0.0
    assert street[22] > 500
    lessons_w = class_prior("school", 1, 5000).typical_w[:, 10]
    assert lessons_w[DayKind.REST] < 0.3 * lessons_w[DayKind.WEEKDAY]


@pytest.mark.parametrize("kind", get_args(FeederKind))
def test_no_hour_of_any_kind_lies_above_what_the_feeder_is_built_for(kind) -> None:
    prior = class_prior(kind, households=12, rated_w=2000.0)
    assert prior.typical_w.max() <= 2000.0
    assert 0 < prior.mean_w < 2000.0


def test_houses_count_by_household_and_others_by_rated_power() -> None:
    assert class_prior("houses", 20, 9e3).mean_w == pytest.approx(2 * class_prior("houses", 10, 9e3).mean_w)
    assert class_prior("clinic", 1, 6e3).mean_w == pytest.approx(2 * class_prior("clinic", 1, 3e3).mean_w)


def test_of_a_sum_less_is_in_doubt_than_of_its_parts() -> None:
    parts = [class_prior("houses", 15, 8000.0)] * 4
    together = sum_of(parts)
    assert together.mean_w == pytest.approx(4 * parts[0].mean_w)
    assert together.doubt < parts[0].doubt
    assert together.most_w == 4 * 8000.0
    assert sum_of(parts[:1]).doubt == pytest.approx(parts[0].doubt)


def test_senseless_priors_are_refused() -> None:
    day_w = np.ones((len(DayKind), 24))
    for typical_w, doubt in ((day_w[:2], 1.0), (-day_w, 1.0), (day_w * np.nan, 1.0), (day_w, 0.0)):
        with pytest.raises(ValueError, match="prior"):
            LoadPrior(typical_w, doubt)
    with pytest.raises(ValueError, match="built for"):
        LoadPrior(day_w, 1.0, 0.5)
    with pytest.raises(ValueError, match="households"):
        class_prior("houses", 0, 1000.0)
    with pytest.raises(ValueError, match="no loads"):
        sum_of([])
