"""Fetch what a server on this machine delivers; any other host only by name.

Source: RFC 9110; what counts as this machine: RFC 5735 and RFC 4291, the loopback addresses.
"""

from __future__ import annotations

import ipaddress
import mimetypes
import time
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import IO, Any

from countermark.labels.defects import LabelError, TooLargeError

CHUNK = 64 << 10
MAX_EXTENSION = 8


def fetch(address: str, folder: Path, hosts: frozenset[str], timeout_s: float, most: int) -> Path:
    """The file behind an address.

    No proxy is used, no credentials are sent, and every redirection is held to the same hosts.

    Args:
        address: http or https.
        folder: where the file goes.
        hosts: those besides this machine that may be asked.
        timeout_s: for the whole.
        most: bytes.

    Raises:
        TooLargeError: it is larger than ``most``.
        LabelError: the host may not be asked, or does not answer with a file.
    """
    check(address, hosts)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Redirection(hosts))
    headers = {"Accept-Encoding": "identity", "User-Agent": "countermark"}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - `check` saw to the scheme
    end = time.monotonic() + timeout_s
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            target = folder / f"fetched{_extension(address, answer.headers)}"
            with target.open("wb") as out:
                _copy(answer, out, end, most)
    except (urllib.error.URLError, OSError, HTTPException, ValueError) as trouble:
        raise LabelError(f"{address} cannot be fetched: {trouble}") from trouble
    return target


def check(address: str, hosts: frozenset[str]) -> None:
    """Whether a host may be asked.

    Raises:
        LabelError: it may not.
    """
    try:
        parts = urllib.parse.urlsplit(address)
        host = parts.hostname or ""
    except ValueError as trouble:
        raise LabelError(f"{address!r} is no address: {trouble}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise LabelError(f"{address!r} is no address of http or https")
    if not (_is_this_machine(host) or host in hosts):
        raise LabelError(f"{host} is not this machine; --allow-host {host} permits to fetch from it")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Redirection(urllib.request.HTTPRedirectHandler):
    """Follows only to hosts that may be asked."""

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = hosts

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Refuse the others."""
        try:
            check(newurl, self._hosts)
        except LabelError as trouble:
            raise urllib.error.URLError(str(trouble)) from None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _extension(address: str, headers: Message) -> str:
    """Of the media type, else of the path."""
    known = mimetypes.guess_extension(headers.get_content_type()) if "content-type" in headers else None
    extension = known or PurePosixPath(urllib.parse.urlsplit(address).path).suffix
    return extension if extension[1:].isalnum() and len(extension) <= MAX_EXTENSION else ""


def _copy(answer: Any, out: IO[bytes], end: float, most: int) -> None:
    done = 0
    while chunk := answer.read1(CHUNK):
        done += len(chunk)
        if done > most:
            raise TooLargeError(f"is larger than {most:,} bytes")
        if time.monotonic() > end:
            raise TimeoutError("took too long")
        out.write(chunk)
