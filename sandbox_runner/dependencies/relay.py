"""The only way out of a build sandbox: GET requests to the operator's index, and to nowhere else.

The sandbox speaks HTTP/1.1 to a port on its loopback; what it sends arrives here as bytes. Its addresses are
``/index/…``, below the index's own address, and ``/file/ADDRESS/NAME`` for a file that a page of the index named.
Addresses in the index's pages are rewritten to those, so that nothing inside needs to know where the index is. Its
credentials are added here and never go in.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from html import escape, unescape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpx

if TYPE_CHECKING:
    from sandbox_runner.dependencies.index import IndexAddress
    from sandbox_runner.peers.streams import Stream
    from sandbox_runner.runtimes.requirements import Index

# A page of an index lists every file of every release; the largest have about ten thousand.
PAGE_BYTES_MAX: Final = 64 * 1024 * 1024
# All that one build may fetch: what fits into a function, packed, and its pages.
BYTES_MAX: Final = 768 * 1024 * 1024
REQUESTS_MAX: Final = 5_000
_REQUEST_BYTES_MAX: Final = 16 * 1024
_SECONDS: Final = 30.0
_REDIRECTS_MAX: Final = 5
_PASSED_ON: Final = frozenset({"accept", "range"})
_PAGES: Final = ("json", "html")
_LINK: Final = re.compile(
    r"""(?P<before><a\b[^>]*?\shref\s*=\s*)(?P<mark>["'])(?P<url>.*?)(?P=mark)""", re.IGNORECASE | re.DOTALL
)
_TARBALL: Final = re.compile(rb'"tarball":\s*"(?P<url>[^"\\]{1,2000})"')
_AWAY: Final = frozenset({401, 403, 407, 408, 425, 429})
_NOT_FOUND: Final = 404
_SERVER_ERROR: Final = 500


class Relay:
    """The index, for one build. ``away`` says what was met where the index did not answer, or refused.

    :param port: the port that the sandbox speaks to.
    """

    def __init__(self, index: Index, address: IndexAddress, client: httpx.AsyncClient, inside: str) -> None:
        self._index = index
        self._address = address
        self._client = client
        self._inside = inside
        self._bytes_left = BYTES_MAX
        self._requests_left = REQUESTS_MAX
        self._named: set[str] = set()
        self.away = ""
        # What was asked for last: a package's name, or a file's.
        self.asked_for = ""

    async def serve(self, stream: Stream) -> None:
        """Answer the requests of one connection, one after the other."""
        pending = b""
        while True:
            while b"\r\n\r\n" not in pending:
                more = await stream.read()
                pending += more
                if not more or len(pending) > _REQUEST_BYTES_MAX:
                    return
            head, _, pending = pending.partition(b"\r\n\r\n")
            if not await self._answer(stream, head.decode("latin-1")):
                return

    async def _answer(self, stream: Stream, head: str) -> bool:
        first, *lines = head.split("\r\n")
        method, _, rest = first.partition(" ")
        target = rest.rpartition(" ")[0]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        url = self._outside(target) if method in {"GET", "HEAD"} else ""
        self._requests_left -= 1
        if not url or self._requests_left < 0 or int(headers.get("content-length", "0") or 0):
            await stream.write(_head(403 if method in {"GET", "HEAD"} else 405, {}, 0))
            return False
        self.asked_for = unquote(urlsplit(target).path).rstrip("/").rpartition("/")[2]
        passed = {name: value for name, value in headers.items() if name in _PASSED_ON}
        try:
            return await self._forward(stream, method, url, passed)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            self.away = self.away or f"{type(problem).__name__}: {problem}".rstrip(": ")
            await stream.write(_head(502, {}, 0))
            return False

    def _outside(self, target: str) -> str:
        """The address that is meant by an address inside; empty where there is none."""
        path, _, query = target.partition("?")
        if path.startswith("/index/") and ".." not in unquote(path):
            return f"{self._address.base}/{path.removeprefix('/index/')}" + (f"?{query}" if query else "")
        if path.startswith("/file/"):
            coded, _, name = path.removeprefix("/file/").partition("/")
            try:
                url = urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
            except ValueError:
                return ""
            # What is known of a file lies beside it, see https://peps.python.org/pep-0658/ (core metadata).
            known = f"{url}.metadata" if name.endswith(".metadata") and not url.endswith(".metadata") else url
            return known if self._address.allows(known, self._named) else ""
        return ""

    async def _forward(self, stream: Stream, method: str, url: str, headers: dict[str, str]) -> bool:
        for _ in range(_REDIRECTS_MAX):
            sent = {**headers, **self._address.headers(url), "accept-encoding": "gzip, identity"}
            async with self._client.stream(method, url, headers=sent, timeout=_SECONDS) as answer:
                if not answer.is_redirect:
                    return await self._pass_on(stream, answer, method)
                url = urljoin(url, answer.headers.get("location", ""))
            if not self._address.allows(url, self._named):
                self.away = self.away or f"it leads to {urlsplit(url).netloc}, which HOLDOVER_INDEX_FILES does not name"
                break
        await stream.write(_head(502, {}, 0))
        return False

    async def _pass_on(self, stream: Stream, answer: httpx.Response, method: str) -> bool:
        status, kind = answer.status_code, answer.headers.get("content-type", "")
        if status in _AWAY or status >= _SERVER_ERROR:
            self.away = self.away or f"it answered with status {status}"
        kept = {
            name: answer.headers[name]
            for name in ("content-type", "content-range", "accept-ranges")
            if name in answer.headers
        }
        is_page = answer.is_success and any(word in kind for word in _PAGES) and method == "GET"
        if is_page or "content-length" not in answer.headers or "content-encoding" in answer.headers:
            body = b"" if method == "HEAD" else await self._whole(answer)
            body = self._rewritten(body, kind, str(answer.url)) if is_page else body
            await stream.write(_head(status, kept, len(body)) + body)
            return True
        size = int(answer.headers["content-length"])
        await stream.write(_head(status, kept, size))
        if method == "GET":
            async for part in answer.aiter_raw():
                self._spend(len(part))
                await stream.write(part)
        return True

    async def _whole(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            self._spend(len(part))
            if len(body) > PAGE_BYTES_MAX:
                raise httpx.DecodingError(f"a page of more than {PAGE_BYTES_MAX} bytes")
        return bytes(body)

    def _spend(self, count: int) -> None:
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise TooMuchFetchedError

    # --- addresses in pages -----------------------------------------------------------------------------------

    def _rewritten(self, body: bytes, kind: str, url: str) -> bytes:
        if self._index == "npm":
            return _TARBALL.sub(
                lambda found: b'"tarball":"' + self._within(found["url"].decode("latin-1"), url).encode() + b'"', body
            )
        if "json" in kind:
            return self._json_page(body, url)
        text = body.decode("utf-8", "replace")
        base = next((unescape(each) for each in re.findall(r'<base\s[^>]*href="([^"]*)"', text)), url)
        return _LINK.sub(
            lambda found: f'{found["before"]}"{escape(self._within(unescape(found["url"]), urljoin(url, base)))}"', text
        ).encode()

    def _json_page(self, body: bytes, url: str) -> bytes:
        try:
            page: Any = json.loads(body)
            for file in page["files"]:
                file["url"] = self._within(file["url"], url)
        except (ValueError, TypeError, KeyError, AttributeError):
            return body
        return json.dumps(page).encode()

    def _within(self, url: str, page: str) -> str:
        """The address inside for an address in a page."""
        whole = urljoin(page, url)
        plain, _, fragment = whole.partition("#")
        self._named.add(urlsplit(plain).netloc)
        if not self._address.allows(plain, self._named):
            return whole
        name = quote(unquote(urlsplit(plain).path).rpartition("/")[2])
        coded = urlsafe_b64encode(plain.encode()).decode().rstrip("=")
        return f"{self._inside}/file/{coded}/{name}" + (f"#{fragment}" if fragment else "")


class TooMuchFetchedError(Exception):
    """A build fetched more than it may."""


def _head(status: int, headers: dict[str, str], size: int) -> bytes:
    lines = [f"HTTP/1.1 {status} {httpx.codes.get_reason_phrase(status)}", f"Content-Length: {size}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if "\n" not in value and "\r" not in value]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
