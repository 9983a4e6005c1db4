"""Against a real mosquitto with TLS and access list: state, orders, refusals, a broker that is killed."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from mqtt_broker import VISITOR, Broker, installed
from mqtt_village import Figures, Periods, listener, order, serving, settings_for, until, village_in

from controller.outside.mqtt import link, service, teller
from controller.outside.mqtt.orders import signature

pytestmark = pytest.mark.skipif(
    not installed(), reason="mosquitto is not installed (Debian package mosquitto)"
)
BASE = "tawan/ban-wang-won"
RESULT = f"{BASE}/command/result"


@pytest.fixture
def broker(tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    one = Broker(folder)
    one.start()
    yield one
    one.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(teller, "EVERY_S", 0.05)
    monkeypatch.setattr(service, "LOOK_EVERY_S", 0.05)


@pytest.fixture
async def village(tmp_path):
    async with village_in(tmp_path) as one:
        one.publish()
        yield one


async def test_the_state_is_told_and_stays_at_the_broker(broker, village) -> None:
    async with serving(village, settings_for(broker)) as mqtt:
        await until(lambda: mqtt.status()["ok"])
        await until(lambda: not mqtt.status()["waiting"])
        async with listener(broker, f"{BASE}/#") as (_, heard):
            wanted = {f"{BASE}/availability", f"{BASE}/state/site/pv_w", f"{BASE}/state/battery/soc_percent"}
            await until(lambda: wanted <= heard.newest.keys())
            assert heard.newest[f"{BASE}/availability"] == "online"
            assert heard.newest[f"{BASE}/state/site/pv_w"] == "12000"
            assert heard.newest[f"{BASE}/state/battery/soc_percent"] == "64.0"
            assert wanted <= heard.retained
            village.figures = Figures(pv_w=9000.0)
            village.publish()
            await until(lambda: heard.newest[f"{BASE}/state/site/pv_w"] == "9000")
    async with listener(broker, f"{BASE}/availability") as (_, heard):
        await until(lambda: heard.newest)
        assert heard.newest == {f"{BASE}/availability": "offline"}, "it takes leave when it is stopped"


async def test_a_controller_that_falls_silent_is_told_as_offline(broker, village, monkeypatch) -> None:
    async with serving(village, settings_for(broker)) as mqtt, listener(broker, f"{BASE}/#") as (_, heard):
        await until(lambda: mqtt.status()["ok"])
        await until(lambda: heard.newest.get(f"{BASE}/availability") == "online")
        monkeypatch.setattr("controller.outside.mqtt.published.STALE_S", 0.0)
        await until(lambda: heard.newest[f"{BASE}/availability"] == "offline")
        monkeypatch.undo()
        village.publish()
        await until(lambda: heard.newest[f"{BASE}/availability"] == "online")


async def test_an_order_is_taken_carried_out_once_and_answered(broker, village) -> None:
    settings = settings_for(broker, commands="broker")
    async with serving(village, settings) as mqtt, listener(broker, RESULT) as (client, heard):
        await until(lambda: mqtt.status()["ok"])
        asked = json.dumps(order("a1", "feeder", village.clock, feeder="houses_a", state="open"))
        for _ in range(3):  # a sender that is not sure repeats itself
            await client.publish(f"{BASE}/command", asked, qos=1)
        await until(lambda: len(heard.answers(RESULT)) == 3)
        assert {answer["taken"] for answer in heard.answers(RESULT)} == {True}
        await village.carry_out()
        await until(lambda: any("outcome" in answer for answer in heard.answers(RESULT)))
        told = heard.answers(RESULT)[-1]
        assert (told["id"], told["outcome"], told["why"]["en"]) == ("a1", "done", "It was done.")
        assert village.effects == ["mqtt:a1"]
        await client.publish(f"{BASE}/command", asked, qos=1)
        await until(lambda: len(heard.answers(RESULT)) == 6)
        assert [("taken" in answer, "outcome" in answer) for answer in heard.answers(RESULT)[4:]] == [
            (True, False),
            (False, True),
        ], "asked again, it hears again what became of it"
        await village.carry_out()
        assert village.effects == ["mqtt:a1"]


async def test_a_switch_of_home_assistant_reaches_the_feeder(broker, village) -> None:
    settings = settings_for(broker, commands="broker", discovery=True)
    async with serving(village, settings) as mqtt, listener(broker, f"{BASE}/#") as (client, heard):
        await until(lambda: mqtt.status()["ok"])
        await client.publish(f"{BASE}/set/feeder/houses_b", "OFF", qos=1)
        await until(lambda: heard.answers(RESULT))
        await village.carry_out()
        village.publish()
        await until(lambda: heard.newest.get(f"{BASE}/state/feeder/houses_b/closed") == "OFF")
        await client.publish(f"{BASE}/set/feeder/houses_b", "ON", qos=1, retain=True)
        await client.publish(f"{BASE}/set/feeder/houses_b", "MAYBE", qos=1)
        await until(
            lambda: len([answer for answer in heard.answers(RESULT) if answer.get("taken") is False]) == 1
        )
        assert heard.answers(RESULT)[-1]["why"]["code"] == "request_not_understood"


async def test_only_the_holder_of_the_key_gives_signed_orders(broker, village, tmp_path) -> None:
    key = tmp_path / "key"
    key.write_text("0123456789abcdef0123456789abcdef\n")
    key.chmod(0o600)
    settings = settings_for(broker, commands="signed", key={"file": key})
    async with serving(village, settings) as mqtt, listener(broker, RESULT) as (client, heard):
        await until(lambda: mqtt.status()["ok"])
        asked = order("s1", "genset", village.clock, state="run") | {"site": "ban-wang-won"}
        await client.publish(f"{BASE}/command", json.dumps(asked | {"signature": "00" * 32}), qos=1)
        await client.publish(f"{BASE}/set/feeder/houses_b", "OFF", qos=1)
        signed = asked | {"signature": signature(asked, "0123456789abcdef0123456789abcdef")}
        await client.publish(f"{BASE}/command", json.dumps(signed), qos=1)
        await until(lambda: len(heard.answers(RESULT)) == 2)
        assert [answer["why"]["code"] for answer in heard.answers(RESULT)] == [
            "mqtt_order_unsigned",
            "mqtt_order_taken",
        ], "and words without a signature are not even listened to"


async def test_a_wrong_password_is_said_and_not_hammered(broker, village, caplog) -> None:
    settings = settings_for(broker)
    (broker.folder / "village.secret").write_text("wrong")
    with caplog.at_level(logging.WARNING):
        async with serving(village, settings) as mqtt:
            await until(mqtt.alarms)
            assert not mqtt.status()["ok"]
            assert "Not authorized" in mqtt.status()["detail"]
            assert mqtt.alarms()[0].code == "mqtt_refused"
            await asyncio.sleep(0.3)
    assert len([each for each in caplog.records if each.name.startswith("controller.outside.mqtt")]) == 1


async def test_an_access_list_that_keeps_us_out_is_said(broker, village, monkeypatch) -> None:
    monkeypatch.setattr(link, "PROOF_WITHIN_S", 0.3)
    async with serving(village, settings_for(broker, user=VISITOR)) as mqtt:
        await until(mqtt.alarms)
        assert f"{BASE}/availability" in mqtt.status()["detail"]


async def test_a_broker_with_a_certificate_of_somebody_else_is_not_believed(
    broker, village, tmp_path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stranger = Broker(other)
    settings = settings_for(broker).model_copy(update={"tls": settings_for(stranger).tls})
    async with serving(village, settings) as mqtt:
        await until(mqtt.alarms)
        assert "certificate verify failed" in mqtt.status()["detail"]


async def test_what_leaves_the_config_leaves_the_broker(broker, village) -> None:
    settings = settings_for(broker, discovery=True, commands="broker")
    async with serving(village, settings) as mqtt:
        await until(lambda: mqtt.status()["ok"] and not mqtt.status()["waiting"])
    village.config = village.config.model_copy(
        update={"feeders": {name: one for name, one in village.config.feeders.items() if name != "houses_d"}}
    )
    village.publish()
    quieter = settings.model_copy(update={"commands": "none"})
    async with serving(village, quieter) as mqtt, listener(broker, "#") as (_, heard):
        await until(lambda: mqtt.status()["ok"] and not mqtt.status()["waiting"])
        device = "homeassistant/device/tawan_ban-wang-won_feeder_clinic/config"
        await until(lambda: "switch" not in json.loads(heard.newest[device])["components"])
    taken_back = [json.loads(payload)["components"] for topic, payload in heard.messages if topic == device]
    assert {"platform": "switch"} in [components.get("switch") for components in taken_back]
    async with listener(broker, "#") as (_, heard):
        await until(lambda: heard.newest)
        await asyncio.sleep(0.1)
        assert [topic for topic in heard.newest if "houses_d" in topic] == []
        assert [topic for topic in heard.newest if "houses_c" in topic] != []


async def test_a_broker_killed_under_load_loses_no_order_that_was_acknowledged(broker, village) -> None:
    settings = settings_for(broker, commands="broker", protocol="mqtt5")
    acknowledged: set[str] = set()
    running = asyncio.create_task(village.run())
    async with serving(village, settings, Periods()) as mqtt:
        await until(lambda: mqtt.status()["ok"])
        for life in range(2):
            async with listener(broker, f"{BASE}/#") as (client, heard):
                await until(lambda: mqtt.status()["ok"])
                for number in range(10):
                    asked = order(f"{life}-{number}", "feeder", village.clock, feeder="pump", state="open")
                    await client.publish(f"{BASE}/command", json.dumps(asked), qos=1)
                await until(lambda heard=heard: len(heard.answers(RESULT)) >= 5)
                acknowledged |= {answer["id"] for answer in heard.answers(RESULT) if answer.get("taken")}
                broker.kill()
                await asyncio.sleep(0.05)
                broker.start()
            village.figures = Figures(pv_w=1000.0 + life)
            async with listener(broker, f"{BASE}/#") as (_, heard):
                await until(
                    lambda heard=heard, life=life: (
                        heard.newest.get(f"{BASE}/state/site/pv_w") == str(1000 + life)
                    )
                )
        await until(lambda: len(village.effects) >= len(acknowledged))
    running.cancel()
    await asyncio.wait([running])
    done = [request.removeprefix("mqtt:") for request in village.effects]
    assert acknowledged <= set(done)
    assert len(done) == len(set(done))


@pytest.mark.parametrize("protocol", ["mqtt311", "mqtt5"])
async def test_orders_wait_at_the_broker_while_we_are_away_but_words_do_not(
    broker, village, protocol
) -> None:
    settings = settings_for(broker, commands="broker", protocol=protocol)
    async with serving(village, settings) as mqtt:
        await until(lambda: mqtt.status()["ok"])
    async with listener(broker, RESULT) as (client, heard):
        await client.publish(f"{BASE}/set/feeder/houses_b", "OFF", qos=1)
        asked = json.dumps(order("away", "feeder", village.clock, feeder="pump", state="open"))
        await client.publish(f"{BASE}/command", asked, qos=1)
        async with serving(village, settings) as mqtt:
            await until(lambda: heard.answers(RESULT))
            await asyncio.sleep(0.1)
        assert [answer["id"] for answer in heard.answers(RESULT)] == ["away"]


async def test_home_assistant_that_starts_is_told_everything_again(broker, village) -> None:
    settings = settings_for(broker, discovery=True)
    async with (
        serving(village, settings) as mqtt,
        listener(broker, "homeassistant/device/#") as (client, heard),
    ):
        await until(lambda: mqtt.status()["ok"] and not mqtt.status()["waiting"])
        await asyncio.sleep(0.1)
        before = len(heard.messages)
        await client.publish("homeassistant/status", "online", qos=1)
        await until(lambda: len(heard.messages) == 2 * before)
        assert before == 13
