"""Mistakes about the server that history is sent to."""

from __future__ import annotations

from collections.abc import Mapping

from bad_configs import Bad, bad

_HERE = "sharing:\n"


def _influx(text: str, path: str, *says: str) -> Bad:
    good = "url: https://influx.example.org, org: tambon, bucket: village"
    return bad(_HERE, f"influx: {{{good}, {text}}}\n{_HERE}", f"influx.{path}", *says)


def _url(url: str, *says: str) -> Bad:
    return bad(_HERE, f'influx: {{url: "{url}", org: tambon, bucket: village}}\n{_HERE}', "influx.url", *says)


INFLUX: Mapping[str, Bad] = {
    "an InfluxDB without its bucket": bad(
        _HERE, f"influx: {{url: http://10.0.0.9, org: tambon}}\n{_HERE}", "influx.bucket", "nothing"
    ),
    "an InfluxDB that is no address": _url("10.0.0.9:8086", "such as https://influx"),
    "an InfluxDB with a question in its address": _url("http://10.0.0.9/?db=x", "such as https://influx"),
    "the door for writing": _url(
        "http://10.0.0.9/insert/0/influx/api/v2/write", "`url: http://10.0.0.9/insert/0/influx`"
    ),
    "the old door for writing": _url("http://10.0.0.9/write/", "`url: http://10.0.0.9`"),
    "a token in the file": _influx("token: abc", "token", "section"),
    "a token from two places": _influx("token: {file: /etc/t, env: T}", "token", "either file or env"),
    "a token of nowhere in particular": _influx("token: {file: t}", "token.file", "path beginning with /"),
    "a tag with a capital": _influx("tags: {Tambon: x}", "tags.Tambon", "a to z"),
    "a tag that is there already": _influx("tags: {site: x}", "tags.site", "such as my_site"),
    "a tag of two lines": _influx('tags: {a: "x\\ny"}', "tags.a", "one line of text"),
    "authorities of nowhere in particular": _influx("ca_file: ca.pem", "ca_file", "path beginning with /"),
    "authorities of an open line": bad(
        _HERE,
        f"influx: {{url: http://10.0.0.9, org: a, bucket: b, ca_file: /etc/ca.pem}}\n{_HERE}",
        "influx.ca_file",
        "write https:// there",
    ),
}
