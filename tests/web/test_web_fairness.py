"""How fairly power was shared, as the page tells it and as the API gives it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from web_plan import fairness, plan, planned
from web_village import village


def words_of(page: str) -> str:
    page = re.sub(r"<(\w+)[^>]* hidden[ >].*?</\1>", " ", page.split("<main", 1)[-1], flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


async def show(powerhouse, image: dict, path: str = "/en") -> str:
    image["written"]["monotonic_s"] = powerhouse.clock.now_s
    powerhouse.put(image)
    powerhouse.put_plan(plan())
    return words_of(await powerhouse.page(path))


def served(*fracs: float | None, days: float = 30.4) -> dict:
    """Homes of which each got such a share."""
    document = fairness()
    household = document["household"] | {"days": days}
    for account, frac in zip(household["feeders"].values(), fracs, strict=True):
        account["served_frac"] = frac
    return {"household": household}


async def test_each_group_sees_its_share_beside_its_neighbours(powerhouse) -> None:
    said = await show(powerhouse, planned())
    for phrase in (
        "Homes: each group got between 96.1 % and 96.8 % of the power it wanted.",
        "Counted over the last 30 days.",
        "Houses A 96.4 % off for 11.2 h in all",
        "Houses D 96.8 % off for 10.8 h in all",
    ):
        assert phrase in said
    assert "บ้านเรือน: แต่ละกลุ่มได้ไฟ 96.1 % ถึง 96.8 % ของที่อยากใช้" in await show(powerhouse, planned(), "/th")


async def test_who_wants_to_know_finds_spread_index_and_the_other_classes(powerhouse) -> None:
    said = await show(powerhouse, planned())
    assert "They differ by 0.7 percentage points at most; Jain's index of fairness is 1.0000." in said
    assert "Essential lines: each group got between 98.8 % and 99.9 %" in said
    assert "Flexible lines: got 73.1 % of the power they wanted." in said
    assert "Critical lines: got all the power they wanted." in said
    assert said.count("They differ by") == 2, "a line alone differs from nobody"
    page = await powerhouse.page()
    assert page.index("<details") < page.index("Jain")


@pytest.mark.parametrize(
    ("fracs", "sentence"),
    [
        ((1.0, 1.0, 1.0, 1.0), "Homes: got all the power they wanted."),
        ((0.9, 0.9, 0.9, 0.9), "Homes: each group got 90 % of the power it wanted."),
        ((0.8, 0.9, 0.85, None), "Homes: each group got between 80 % and 90 % of the power it wanted."),
        ((0.0, 1.0, 0.5, 0.5), "Homes: each group got between 0 % and 100 % of the power it wanted."),
    ],
)
async def test_shares_in_words(powerhouse, fracs: tuple, sentence: str) -> None:
    said = await show(powerhouse, planned(fairness=served(*fracs)))
    assert sentence in said
    assert ("Houses D" in said.split("shared fairly?")[1].split("What happened")[0]) == (fracs[3] is not None)


async def test_a_count_of_hours_is_not_sold_as_a_month(powerhouse) -> None:
    said = await show(powerhouse, planned(fairness=served(0.9, 0.9, 0.9, 0.9, days=0.4)))
    assert "Counting has just begun" in said
    assert "last 0 days" not in said


async def test_while_nobody_wanted_anything_nothing_is_claimed(powerhouse) -> None:
    for accounts in ({}, served(None, None, None, None)):
        assert "shared fairly" not in await show(powerhouse, planned(fairness=accounts))
    assert "shared fairly" not in await show(powerhouse, village())


async def test_the_api_gives_the_accounts(powerhouse) -> None:
    await show(powerhouse, planned())
    status = (await powerhouse.client.get("/api/status")).json()
    assert status["fairness"] == fairness()
    assert status["voice"] == "plan"
    assert status["plan"]["in_force"] is True
    assert status["supply"]["state"] == "islanded"
