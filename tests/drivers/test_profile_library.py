"""A site's own profiles: they take precedence, and their faults are told with their path."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from drivers.errors import ProfileError
from drivers.profile import ProfileLibrary, available_profiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "profiles"
    folder.mkdir()
    return folder


def own_text(name: str) -> str:
    return resources.files("drivers.profiles").joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def test_without_a_folder_there_are_just_tawans_own() -> None:
    assert ProfileLibrary().names() == available_profiles()
    assert ProfileLibrary(Path("/does/not/exist")).names() == available_profiles()


def test_a_sites_file_adds_a_profile(folder: Path) -> None:
    text = own_text("eastron-sdm630").replace("model: eastron-sdm630", "model: acme-meter")
    (folder / "acme-meter.yaml").write_text(text, encoding="utf-8")
    library = ProfileLibrary(folder)
    assert "acme-meter" in library.names()
    assert library.load("acme-meter").model == "acme-meter"
    assert library.origin("acme-meter") == folder / "acme-meter.yaml"
    assert library.overrides() == ()


def test_a_sites_file_overrides_tawans_own_and_says_so(folder: Path) -> None:
    text = own_text("eastron-sdm630").replace("Eastron SDM630", "Eastron SDM630 of our village")
    (folder / "eastron-sdm630.yaml").write_text(text, encoding="utf-8")
    library = ProfileLibrary(folder)
    assert "of our village" in library.load("eastron-sdm630").title
    assert library.overrides() == (f"{folder / 'eastron-sdm630.yaml'} overrides Tawan's own",)
    assert library.origin("imt-si-rs485") is None
    assert "of our village" not in ProfileLibrary().load("eastron-sdm630").title


def test_a_fault_names_path_point_key_and_remedy(folder: Path) -> None:
    text = own_text("eastron-sdm630").replace("address: 52,", "adress: 52,")
    path = folder / "eastron-sdm630.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        ProfileLibrary(folder).load("eastron-sdm630")
    assert f"{path}: read.power_w.adress: no such key" in str(caught.value)


def test_a_faulty_file_disturbs_no_other_profile(folder: Path) -> None:
    (folder / "half-written.yaml").write_text("format: 1\n", encoding="utf-8")
    library = ProfileLibrary(folder)
    assert library.load("imt-si-rs485").model == "imt-si-rs485"
    with pytest.raises(ProfileError, match=r"half-written\.yaml"):
        library.load("half-written")


def test_a_file_that_is_called_otherwise_than_its_model_is_refused(folder: Path) -> None:
    (folder / "my-meter.yaml").write_text(own_text("eastron-sdm630"), encoding="utf-8")
    with pytest.raises(ProfileError, match="write my-meter, as the file is called"):
        ProfileLibrary(folder).load("my-meter")


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("meter.yml", "rename it to meter.yaml"),
        ("sunspec.yaml", "describe themselves"),
        ("My Meter.yaml", "name it with a to z"),
    ],
)
def test_a_file_whose_name_is_no_profile_name_is_told(folder: Path, name: str, remedy: str) -> None:
    (folder / name).write_text("", encoding="utf-8")
    (folder / ".swp").write_text("", encoding="utf-8")
    library = ProfileLibrary(folder)
    assert library.names() == available_profiles()
    (stray,) = library.stray()
    assert name in stray
    assert remedy in stray


def test_an_unknown_profile_is_answered_with_all_there_are(folder: Path) -> None:
    with pytest.raises(ProfileError, match=r"use one of .*eastron-sdm630"):
        ProfileLibrary(folder).load("eastron")


def test_a_file_that_is_no_text_is_told(folder: Path) -> None:
    (folder / "odd.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileError, match="UTF-8"):
        ProfileLibrary(folder).load("odd")
