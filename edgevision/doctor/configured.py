"""What a configuration needs of this box: secrets, folders, a port, extras, devices."""

import http.client
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edgevision.config import Config, load
from edgevision.doctor.engines import CUDA_TODO, try_device
from edgevision.doctor.finding import Finding, fail, ok
from edgevision.doctor.libraries import lacking
from edgevision.doctor.machine import disk
from edgevision.errors import ConfigError, OutputError
from edgevision.outputs.ffmpeg import program

ASK = 2.0  # s
SECRETS = "set it for this shell, too: set -a; . /etc/edgevision/secrets.env"


def check_configured(path: Path) -> Iterator[Finding]:
    try:
        settings = load(path).settings
    except ConfigError as error:
        for problem in error.problems:
            todo = SECRETS if "environment variable" in problem else f"edgevision check {path}"
            yield fail("configuration", problem, todo)
        return
    yield ok("configuration", f"{path} is good, and the secrets that it names are there")
    yield from _devices(settings)
    yield from _outputs(settings)
    yield from _extras(settings)
    if settings.http:
        yield port(*settings.http.endpoint())


def _devices(settings: Config) -> Iterator[Finding]:
    for name, model in settings.models.items():
        if model.device != "auto":
            tried = try_device(model.device)
            if "error" in tried:
                todo = f"say `device: auto` or `cpu`, or: {CUDA_TODO}"
                yield fail(f"models.{name}", f"device {model.device}: {tried['error']}", todo)
            else:
                yield ok(f"models.{name}", f"device {model.device}: a tiny network ran on it")


def _outputs(settings: Config) -> Iterator[Finding]:
    for index, output in enumerate(settings.outputs):
        path, folder = getattr(output, "path", None), getattr(output, "folder", None)
        if output.type == "restream":
            yield from _restream(f"outputs[{index}]", output)
        elif folder is not None:
            # It is made where it is not there, so what counts is the nearest one that is.
            folder = Path(folder).absolute()
            there = next(each for each in (folder, *folder.parents) if each.exists())
            yield _writable(f"outputs[{index}]", there / "trial")
        elif path is not None and path != "-":
            yield _writable(f"outputs[{index}]", Path(path))


def _restream(subject: str, output: Any) -> Iterator[Finding]:
    try:
        found, arguments = program()
    except OutputError as error:
        yield fail(subject, str(error), "apt install ffmpeg, or take the output out")
    else:
        yield ok(subject, f"{found} encodes with {arguments[1]}")
    if output.folder is not None:
        yield _writable(subject, Path(output.folder, f"{output.camera}.m3u8"))


def _writable(subject: str, path: Path) -> Finding:
    """Relative paths start at the folder the program runs in, as they do for the service."""
    folder = path.parent
    todo = "create the folder, give it to the user that runs edgevision (chown), or choose another `path:`"
    if not folder.is_dir():
        return fail(subject, f"the folder {folder.absolute()} does not exist", todo)
    if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
        return fail(subject, f"this user cannot write to {path.absolute()}", todo)
    if not os.access(folder, os.W_OK):
        return fail(subject, f"this user may not write in {folder.absolute()}", todo)
    found = disk(folder, subject)
    return found if found.level != "ok" else ok(subject, f"{path} can be written; {found.found}")


def _extras(settings: Config) -> Iterator[Finding]:
    wanted = {output.type for output in settings.outputs}
    wanted |= {camera.backend for camera in settings.cameras.values()}
    wanted |= {"pyav" for output in settings.outputs if getattr(output, "clip", None)}
    wanted |= {model.engine for model in settings.models.values()}
    for extra in sorted(wanted):
        if lacking(extra):
            yield fail(
                "extras", f"{extra} is asked for and not installed", f"pip install 'edgevision[{extra}]'"
            )


def port(host: str, number: int) -> Finding:
    """Whether it can be listened on; if not, whether it is us who do."""
    subject, address = "http", f"{host}:{number}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind((host, number))
            probe.listen()
        except OSError as error:
            if _is_ours(host, number):
                return ok(subject, f"edgevision is running, and listens on {address}")
            todo = f"choose another `http: listen`, or stop what has it: ss -ltnp 'sport = :{number}'"
            return fail(subject, f"cannot listen on {address}: {error.strerror}", todo)
    return ok(subject, f"{address} is free")


def _is_ours(host: str, number: int) -> bool:
    connection = http.client.HTTPConnection(host, number, timeout=ASK)
    try:
        connection.request("GET", "/healthz")
        said = connection.getresponse().read(1000)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return b'"alive"' in said or b"a bearer token is required" in said
