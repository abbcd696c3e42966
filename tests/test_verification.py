"""What ``lianxin verify`` says, by every name of a talk and against the seal in the database."""

import pytest
from pydantic import SecretStr

from server.database import writing
from server.media.seal import seal
from server.petitions.service_seal import keep_seal
from server.settings import Settings
from server.verification import verify_session
from tests.district import District
from tests.media.journals import write_recording
from tests.petitions.record import Talk, approved, whole


@pytest.fixture
def talk(district: District, settings: Settings) -> Talk:
    """A talk that is over, its recording on the disk and its seal in the database."""
    made, _ = whole(district)
    digest = write_recording(settings.sessions_dir / made.token)
    with writing(district.engine) as db:
        keep_seal(db, token=made.token, digest=digest, now=district.clock.now())
    return made


def said(settings: Settings, name: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = verify_session(settings, name)
    return code, capsys.readouterr().out.splitlines()


def test_a_whole_recording_is_found_by_each_of_its_names(
    settings: Settings, talk: Talk, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (talk.token, talk.number, approved(talk)):
        code, lines = said(settings, name, capsys)
        assert (code, lines[-1]) == (0, "录像完整。")
        assert lines[-2].startswith("与封存时的录像一致")


def test_a_recording_sealed_anew_is_not_the_one_in_the_database(
    settings: Settings, talk: Talk, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = settings.sessions_dir / talk.token
    (folder / "seal.txt").unlink()
    (folder / "petitioner-0003.journal").unlink()
    seal(folder)
    code, lines = said(settings, talk.number, capsys)
    assert (code, lines[-1]) == (1, "录像不完整。")
    assert any(line.startswith("与封存的录像不一致") for line in lines)


def test_what_is_not_there_is_not_there(settings: Settings, talk: Talk, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = said(settings, "260101-001-9", capsys)
    assert (code, lines) == (2, ["数据库里没有这次接访,只校验磁盘上的内容。", "这里没有录像。"])
    assert said(settings, "../papers", capsys)[0] == 2


def test_without_the_seal_or_the_database_the_disk_speaks_for_itself(
    settings: Settings, talk: Talk, district: District, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = settings.sessions_dir / "another"
    write_recording(folder)
    code, lines = said(settings, "another", capsys)
    assert (code, lines[0]) == (0, "数据库里没有这次接访,只校验磁盘上的内容。")
    assert "请与回执上的录像校验码核对" in lines[-2]
    away = Settings(
        secret=SecretStr("s" * 32),
        data_dir=settings.data_dir,
        database_url="sqlite:////absent/folder/x",
        _env_file=None,
    )
    code, lines = said(away, talk.token, capsys)
    assert (code, lines[0]) == (0, "数据库没有响应,只校验磁盘上的内容。")
