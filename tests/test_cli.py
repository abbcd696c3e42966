"""What the command says to the one who starts it: one sentence for everything that is wrong."""

import os
import socket
import stat
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.accounts.roles import Role
from server.accounts.service import actor_of_token, sign_in
from server.certificates import certificates_in
from server.cli import cli
from server.database import make_engine, writing
from server.media.recorder import Recorder
from server.sealed_file import write_stored
from server.settings import get_settings
from tests.e2e.house import ROOT, free_port

NOBODY = 65534
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings of the test's own, read anew by every command."""
    monkeypatch.chdir(tmp_path)
    for setting in ("LIANXIN_DEMONSTRATION", "LIANXIN_DATABASE_URL", "LIANXIN_RECORDING_KEY"):
        monkeypatch.delenv(setting, raising=False)
    monkeypatch.setenv("LIANXIN_SECRET", "a secret for the tests of thirty-two characters")
    monkeypatch.setenv("LIANXIN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LIANXIN_PORT", str(free_port()))
    monkeypatch.setenv("LIANXIN_TLS_PORT", str(free_port()))
    monkeypatch.setenv("LIANXIN_MEDIA_PORT", str(free_port(socket.SOCK_DGRAM)))
    get_settings.cache_clear()
    yield tmp_path / "data"
    get_settings.cache_clear()


def refused(*words: str) -> str:
    """Run a command that must be refused; the one line it says."""
    get_settings.cache_clear()
    done = CliRunner().invoke(cli, list(words))
    assert done.exit_code == 1, done.output
    (line,) = done.stderr.splitlines()
    return line


def test_the_demonstration_secret_is_refused_in_earnest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIANXIN_SECRET")
    assert "LIANXIN_SECRET" in refused("serve")


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("LIANXIN_PORT", "99999", "LIANXIN_PORT: 不能大于 65535"),
        ("LIANXIN_ACCEPT_DAYS", "0", "LIANXIN_ACCEPT_DAYS: 不能小于 1"),
        ("LIANXIN_GRACE_MINUTES", "ten", "LIANXIN_GRACE_MINUTES: 必须是整数"),
        ("LIANXIN_DEMONSTRATION", "maybe", "LIANXIN_DEMONSTRATION: 必须是 true 或 false"),
        ("LIANXIN_LOG_LEVEL", "loud", "LIANXIN_LOG_LEVEL: 只能是:'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("LIANXIN_MEDIA_ADDRESSES", "192.0.2.1, here", "LIANXIN_MEDIA_ADDRESSES 必须是 IP 地址,用逗号隔开"),
        ("LIANXIN_TURN_ONLY", "true", "设置 LIANXIN_TURN_ONLY 之前,要先设置 LIANXIN_TURN_URLS"),
        ("LIANXIN_MEDIA_ADDRESSES", "300.1.1.1", "LIANXIN_MEDIA_ADDRESSES 必须是 IP 地址,用逗号隔开"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, setting: str, value: str, said: str) -> None:
    monkeypatch.setenv(setting, value)
    assert refused("serve") == f"有一项设置不对:{said}"


@pytest.mark.parametrize("command", ["serve", "media"])
def test_a_folder_too_deep_for_sockets_is_told(
    environment: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    deep = environment / ("d" * 90)
    monkeypatch.setenv("LIANXIN_DATA_DIR", str(deep))
    assert refused(command) == f"{deep} 的路径太长,通信接口放不进去。请用 LIANXIN_DATA_DIR 另选一个较短的路径。"


def test_one_port_for_both_servers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_TLS_PORT", os.environ["LIANXIN_PORT"])
    assert refused("serve") == "有一项设置不对:LIANXIN_PORT 和 LIANXIN_TLS_PORT 不能是同一个端口"


@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_slip_in_the_name_of_a_setting_is_named(
    environment: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    if where == "environment":
        monkeypatch.setenv("LIANXIN_PROT", "8081")
    else:
        (environment.parent / ".env").write_text("LIANXIN_PROT=8081\n")
    assert refused("serve") == "没有这样的设置:LIANXIN_PROT,请检查拼写。"


def test_an_empty_setting_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIANXIN_DATA_DIR", "LIANXIN_HOST", "LIANXIN_LOG_LEVEL"):
        monkeypatch.setenv(name, "")
    found = get_settings()
    assert (found.data_dir, found.host, found.log_level) == (Path("recordings"), "127.0.0.1", "INFO")


@pytest.mark.parametrize(
    ("setting", "kind"),
    [("LIANXIN_PORT", socket.SOCK_STREAM), ("LIANXIN_MEDIA_PORT", socket.SOCK_DGRAM)],
)
def test_a_port_in_use_is_named_with_its_setting(
    monkeypatch: pytest.MonkeyPatch, setting: str, kind: socket.SocketKind
) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv(setting, str(port))
        line = refused("serve")
    assert line == f"端口 {port} 已被占用。请结束占用它的程序,或换一个端口:{setting}={port + 1}"


def test_every_media_process_needs_a_port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_MEDIA_PROCESSES", "1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        monkeypatch.setenv("LIANXIN_MEDIA_PORT", str(port - 1))
        assert f"端口 {port} 已被占用" in refused("serve", "--media", "2")
    monkeypatch.setenv("LIANXIN_MEDIA_PORT", "65535")
    assert "媒体进程太多" in refused("serve", "--media", "2")
    assert "LIANXIN_MEDIA_PROCESSES" in refused("serve", "--media", "0")


def test_a_media_process_beyond_the_number_is_refused() -> None:
    assert "LIANXIN_MEDIA_PROCESSES" in refused("media", "--engine", "2")


def test_the_tls_port_is_looked_at_once_there_is_a_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(cli, ["tls"]).exit_code == 0
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("LIANXIN_TLS_PORT", str(other.getsockname()[1]))
        assert "LIANXIN_TLS_PORT=" in refused("serve")


def test_an_address_of_another_machine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_HOST", "198.51.100.7")
    port = os.environ["LIANXIN_PORT"]
    assert refused("serve") == f"本机无法使用地址 198.51.100.7、端口 {port},请检查设置 LIANXIN_HOST。"


def test_a_folder_that_cannot_be_made_is_named(environment: Path) -> None:
    environment.write_text("a file is in the way")
    assert refused("migrate") == f"无法写入 {environment},请检查权限和剩余空间。"


def test_a_folder_of_somebody_else_is_named(environment: Path) -> None:
    environment.mkdir()
    environment.parent.chmod(0o755)
    environment.chmod(0)
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        assert refused("serve") == f"无法写入 {environment},请检查权限和剩余空间。"
    finally:
        os.seteuid(was)


def test_a_full_disk_is_said_before_anything_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(2**40, 2**40 - 2**20, 2**20))
    assert "只剩 1 MiB" in refused("migrate")


@pytest.mark.parametrize("address", ["what is this", "nothing+here://127.0.0.1/x", "sqlite:////dev/null/x.sqlite3"])
def test_a_database_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("LIANXIN_DATABASE_URL", address)
    assert "LIANXIN_DATABASE_URL" in refused("migrate")


def test_a_database_file_that_is_none(environment: Path) -> None:
    (environment / "state").mkdir(parents=True)
    (environment / "state" / "lianxin.sqlite3").write_bytes(b"not a database at all" * 500)
    assert "LIANXIN_DATABASE_URL" in refused("migrate")


def test_a_database_that_can_only_be_read(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(cli, ["migrate"]).exit_code == 0
    address = f"sqlite:///file:{environment}/state/lianxin.sqlite3?mode=ro&uri=true"
    monkeypatch.setenv("LIANXIN_DATABASE_URL", address)
    assert "LIANXIN_DATABASE_URL" in refused("migrate")


def test_migrating_twice_keeps_the_data(environment: Path) -> None:
    assert [CliRunner().invoke(cli, ["migrate"]).exit_code for _ in range(2)] == [0, 0]
    assert stat.S_IMODE((environment / "state").stat().st_mode) == 0o700


def test_an_administrator_is_made_in_a_postgresql(postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_DATABASE_URL", postgresql)
    made = [CliRunner().invoke(cli, ["administrator", "zhang"]) for _ in range(2)]
    assert [one.exit_code for one in made] == [0, 0]
    assert "没有这次接访" in CliRunner().invoke(cli, ["verify", "absent"]).stdout


def test_a_certificate_is_made_and_renewed_with_further_names(environment: Path) -> None:
    first = CliRunner().invoke(cli, ["tls", "--name", "kiosk.example", "--name", "10.9.8.7"])
    authority = certificates_in(environment / "state").authority.read_bytes()
    again = CliRunner().invoke(cli, ["tls"])
    assert "kiosk.example, 10.9.8.7" in first.output
    assert "kiosk.example" in again.output
    assert certificates_in(environment / "state").authority.read_bytes() == authority


def test_a_recording_that_is_not_there_has_an_exit_status_of_its_own() -> None:
    done = CliRunner().invoke(cli, ["verify", "absent"])
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (2, "这里没有录像。")


def test_a_name_that_is_none_is_refused() -> None:
    assert refused("tls", "--name", "a b") == "a b 既不是机器名,也不是地址。"


def test_whatever_is_made_is_for_this_user_only(environment: Path) -> None:
    command = [sys.executable, "-m", "server.cli", "migrate"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, umask=0o022)
    made = [environment, *environment.rglob("*")]
    assert (environment / "state" / "lianxin.sqlite3") in made
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def init() -> list[str]:
    """Run ``lianxin init``; what it says."""
    done = CliRunner().invoke(cli, ["init"])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def env() -> dict[str, str]:
    """What stands in ``.env``."""
    lines = Path(".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@pytest.fixture
def fresh(environment: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is set up; the data folder."""
    monkeypatch.delenv("LIANXIN_SECRET")
    return environment


def test_init_makes_two_keys_and_folders_for_this_user_only(fresh: Path) -> None:
    said = "\n".join(init())
    assert "LIANXIN_SECRET, LIANXIN_RECORDING_KEY" in said
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600
    keys = env()
    assert all(len(key) >= 64 for key in keys.values())
    assert len(set(keys.values())) == 2
    assert not any(key in said for key in keys.values())
    assert {stat.S_IMODE((fresh / one).stat().st_mode) for one in ("", "state", "sessions", "papers")} == {0o700}
    assert get_settings().recording_key.get_secret_value() == keys["LIANXIN_RECORDING_KEY"]


def test_init_again_changes_nothing(fresh: Path) -> None:
    init()
    before = Path(".env").read_bytes()
    assert init() == ["一切都已设置好,没有作任何改动。"]
    assert Path(".env").read_bytes() == before


def test_init_fills_in_what_is_empty_and_keeps_the_rest(fresh: Path) -> None:
    example = (ROOT / ".env.example").read_text()
    Path(".env").write_text(example.replace("LIANXIN_SECRET=", f"LIANXIN_SECRET={'s' * 40}"))
    Path(".env").chmod(0o644)
    assert "其他人" in init()[0]
    assert env()["LIANXIN_SECRET"] == "s" * 40
    assert len(env()["LIANXIN_RECORDING_KEY"]) == 64
    assert Path(".env").read_text().startswith(example.split("LIANXIN_SECRET=", maxsplit=1)[0])
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600
    assert init() == ["一切都已设置好,没有作任何改动。"]


def test_init_makes_no_new_secret_for_an_old_database(fresh: Path) -> None:
    (fresh / "state").mkdir(parents=True)
    (fresh / "state" / "lianxin.sqlite3").touch()
    assert "LIANXIN_SECRET" in refused("init")
    assert not Path(".env").exists()


def test_init_makes_no_new_key_for_sealed_recordings(environment: Path) -> None:
    (environment / "sessions" / "s").mkdir(parents=True)
    write_stored(environment / "sessions" / "s" / "petitioner.webm", b"x", b"k" * 32)
    assert "LIANXIN_RECORDING_KEY" in refused("init")


def test_init_makes_no_new_key_for_encrypted_journals_alone(environment: Path) -> None:
    recorder = Recorder(root=environment / "sessions", session="s", key=b"k" * 32)
    recorder.start()
    recorder.packet(seat="petitioner", kind="audio", received_at=0.0, rtp=b"sound", audio_level=None)
    recorder.close()
    assert "LIANXIN_RECORDING_KEY" in refused("init")
    assert not Path(".env").exists()


def test_init_makes_a_key_beside_plain_recordings(environment: Path) -> None:
    recorder = Recorder(root=environment / "sessions", session="s")
    recorder.start()
    recorder.packet(seat="petitioner", kind="audio", received_at=0.0, rtp=b"sound", audio_level=None)
    recorder.close()
    assert "LIANXIN_RECORDING_KEY" in "".join(init())


def test_init_says_what_is_wrong_in_one_sentence(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_RECORDING_KEY", "short")
    assert refused("init") == "有一项设置不对:LIANXIN_RECORDING_KEY: 录像密钥至少要有 32 个字符"
    monkeypatch.delenv("LIANXIN_RECORDING_KEY")
    environment.write_text("a file is in the way")
    assert str(environment) in refused("init")
    environment.unlink()
    Path(".env").mkdir()
    assert ".env" in refused("init")


def password_from(*words: str) -> str:
    """Run a command that shows a password; the password."""
    done = CliRunner().invoke(cli, list(words))
    assert done.exit_code == 0, done.output
    return done.output.strip().rsplit(":", 1)[1]


def role_after_sign_in(username: str, password: str) -> Role:
    """Who one is with this name and password."""
    engine = make_engine(get_settings().database_address)
    now = datetime.now(UTC)
    with writing(engine) as db:
        token = sign_in(db, username=username, password=password, now=now, lockout_minutes=15)
        role = actor_of_token(db, token=token if isinstance(token, str) else None, now=now).role
    engine.dispose()
    return role


def test_the_first_administrator_is_made_at_the_console_and_gets_in() -> None:
    first, second = (password_from("administrator", "zhang") for _ in range(2))
    assert role_after_sign_in("zhang", first) is Role.PUBLIC
    assert role_after_sign_in("zhang", second) is Role.ADMINISTRATOR


def test_the_account_of_somebody_else_is_not_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_DEMONSTRATION", "1")
    assert refused("administrator", "clerk")
    assert role_after_sign_in("clerk", "lianxin-2026") is Role.CLERK
