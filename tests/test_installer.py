"""pip or uv: which of them installs, from where, and what is said when it fails."""

import os
import shutil
import subprocess
import sys

import pytest
from index_stand_in import index, make_wheel, own_authority

from tools import Problem, installer

PYTHON = sys.executable
UV = shutil.which("uv")


@pytest.fixture
def variables(tmp_path, monkeypatch):
    """Our variables without anybody's settings; `uv` is on the PATH."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_", "SSL_CERT")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setattr(shutil, "which", lambda name: f"/there/{name}")
    return os.environ


# --- which ---


def test_uv_installs_where_it_is(variables, monkeypatch, capsys):
    assert installer.choose(PYTHON, variables) == "/there/uv"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert installer.choose(PYTHON, variables) is None
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "name", ["PIP_INDEX_URL", "PIP_CERT", "PIP_PROXY", "PIP_EXTRA_INDEX_URL", "PIP_CONSTRAINT"]
)
def test_a_setting_of_pip_that_uv_would_not_follow_leaves_it_to_pip(
    variables, monkeypatch, capsys, name
):
    monkeypatch.setenv(name, "https://mirror.example.org/simple")
    assert installer.choose(PYTHON, variables) is None
    said = capsys.readouterr().out
    assert f"does not follow pip's settings ({name[4:].lower().replace('_', '-')})" in said
    monkeypatch.setenv("COURSE_INSTALLER", "uv")
    assert installer.choose(PYTHON, variables) == "/there/uv"


@pytest.mark.parametrize("section", ["global", "install"])
def test_so_does_a_pip_conf(variables, monkeypatch, tmp_path, section):
    conf = tmp_path / "pip.conf"
    conf.write_text(f"[{section}]\nindex-url = https://mirror.example.org/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(conf))
    assert installer.choose(PYTHON, variables) is None
    others = set(installer.pip_settings(PYTHON, variables)) - {"index-url"}  # of this computer
    conf.write_text("[global]\ntimeout = 60\nno-cache-dir = true\n[list]\nformat = json\n")
    assert set(installer.pip_settings(PYTHON, variables)) == others


def test_a_python_without_pip_cannot_say_what_pip_would_do(variables):
    assert installer.pip_settings("no-such-python", variables) is None
    assert installer.choose("no-such-python", variables) is None


def test_with_a_folder_of_wheels_no_settings_count(variables, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example.org/simple")
    assert installer.choose(PYTHON, variables, "/stick") == "/there/uv"


def test_a_variable_switches_uv_off(variables, monkeypatch):
    monkeypatch.setenv("COURSE_INSTALLER", "pip")
    assert installer.choose(PYTHON, variables) is None
    assert installer.choose(PYTHON, variables, "/stick") is None
    monkeypatch.setenv("COURSE_INSTALLER", "conda")
    with pytest.raises(Problem, match="COURSE_INSTALLER is 'conda': expected pip or uv"):
        installer.choose(PYTHON, variables)
    monkeypatch.setenv("COURSE_INSTALLER", "uv")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Problem, match="uv is not on the PATH"):
        installer.choose(PYTHON, variables)


# --- with which words ---


@pytest.mark.parametrize("uv", [None, "/there/uv"])
def test_both_install_the_same(uv):
    torch = ("https://example.org/cpu", "torch==2.0")
    first, second = installer.installing(uv, PYTHON, "/course[test]", "/exact.txt", torch)
    assert "--no-deps" in first and first[-1] == "torch==2.0" and torch[0] in first
    assert second[-2:] == ["-e", "/course[test]"]
    assert second[second.index("-c") + 1] == "/exact.txt"
    assert torch[0] not in second and PYTHON in first and PYTHON in second
    assert ("pip" in second[3:]) == bool(uv)  # pip's own environment has it from the beginning
    (only,) = installer.installing(uv, PYTHON, "/course", "/exact.txt", torch, "/stick")
    assert "--no-index" in only and os.path.join("/stick", "wheels") in only


def test_what_failed_is_said_with_a_way_out():
    assert "COURSE_INSTALLER=pip" in installer.failed("/there/uv", None)
    assert "pip's last lines above" in installer.failed(None, None)
    assert "HTTPS_PROXY" in installer.failed(None, None)
    for uv in (None, "/there/uv"):
        assert "Installing from /stick did not end well" in installer.failed(uv, "/stick")


# --- mirrors, and proxies that open TLS: a real index on this computer ---


@pytest.fixture
def wheels(tmp_path):
    make_wheel(tmp_path / "made", "alpha", requires=["beta"])
    make_wheel(tmp_path / "made", "beta")
    return tmp_path / "made"


def install(command, folder, variables, **more):
    """Install alpha into a folder, from what the variables say; whether it went well."""
    strange = ("PIP_", "UV_", "SSL_CERT", "REQUESTS_CA", "CURL_CA")
    kept = {name: value for name, value in variables.items() if not name.startswith(strange)}
    kept.update(PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="0", UV_NO_CONFIG="1", UV_HTTP_RETRIES="0")
    kept.update(UV_CACHE_DIR=str(folder.with_name("cache")), **more)
    ended = subprocess.run(
        [*command, "--target", folder, "alpha"], env=kept, capture_output=True, text=True
    )
    return ended.returncode == 0 and (folder / "beta.py").is_file()


PIP = [PYTHON, "-m", "pip", "install", "--no-cache-dir"]
needs_uv = pytest.mark.skipif(not UV, reason="uv is not on the PATH")
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not here")


def test_pip_takes_a_mirror_from_its_variable_or_its_file(wheels, tmp_path):
    with index(wheels, tmp_path / "simple") as server:
        assert install(PIP, tmp_path / "a", os.environ, PIP_INDEX_URL=server.url)
        (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {server.url}\n")
        server.asked.clear()
        conf = str(tmp_path / "pip.conf")
        assert install(PIP, tmp_path / "b", os.environ, PIP_CONFIG_FILE=conf)
        assert "/alpha/" in server.asked


@needs_openssl
def test_pip_trusts_the_certificate_that_it_is_given_and_no_other(wheels, tmp_path):
    own = own_authority(tmp_path)
    with index(wheels, tmp_path / "simple", own) as server:
        assert not install(PIP, tmp_path / "a", os.environ, PIP_INDEX_URL=server.url)
        trusted = str(tmp_path / "authority.pem")
        assert install(PIP, tmp_path / "b", os.environ, PIP_INDEX_URL=server.url, PIP_CERT=trusted)


@needs_uv
@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_uv_takes_a_mirror_from_its_variable(wheels, tmp_path, name):
    uv = [UV, "pip", "install", "--python", PYTHON]
    with index(wheels, tmp_path / "simple") as server:
        assert install(uv, tmp_path / "a", os.environ, **{name: server.url})
        assert "/alpha/" in server.asked


@needs_uv
@needs_openssl
def test_uv_trusts_the_certificate_that_it_is_given_and_no_other(wheels, tmp_path):
    own = own_authority(tmp_path)
    uv = [UV, "pip", "install", "--python", PYTHON]
    with index(wheels, tmp_path / "simple", own) as server:
        assert not install(uv, tmp_path / "a", os.environ, UV_DEFAULT_INDEX=server.url)
        trusted = str(tmp_path / "authority.pem")
        assert install(
            uv, tmp_path / "b", os.environ, UV_DEFAULT_INDEX=server.url, SSL_CERT_FILE=trusted
        )


@needs_uv
def test_uv_takes_one_package_from_an_index_of_its_own(wheels, tmp_path):
    """As PyTorch from its CPU index, whatever else the user's variables name."""
    make_wheel(tmp_path / "cpu", "torch", "2.0+cpu")
    make_wheel(wheels, "torch", "2.0")
    folder = tmp_path / ".venv"
    subprocess.run(installer.making(UV, PYTHON, folder), check=True)
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    with (
        index(wheels, tmp_path / "simple") as mirror,
        index(tmp_path / "cpu", tmp_path / "cpu_simple") as cpu,
    ):
        commands = installer.installing(
            UV, python, "/course", "/exact", (cpu.url, "torch==2.0"), None
        )
        kept = {n: v for n, v in os.environ.items() if not n.startswith("UV_")}
        for name in ("UV_INDEX", "UV_DEFAULT_INDEX"):
            kept[name] = mirror.url
        kept["UV_CACHE_DIR"] = str(tmp_path / "cache")
        subprocess.run(commands[0], env=kept, check=True, capture_output=True)
        # The second step keeps what is there: no build for NVIDIA takes its place.
        again = [*commands[1][:-5], "torch==2.0", "alpha"]
        subprocess.run(again, env=kept, check=True, capture_output=True)
    (there,) = folder.rglob("torch-*.dist-info")
    assert there.name == "torch-2.0+cpu.dist-info"
