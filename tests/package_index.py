"""A package index of tiny packages, served on loopback: what uv and npm are told there, and what was asked of it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


def wheel(name, version="1.0", files=None, needs=(), tag="py3-none-any"):
    """A wheel: its file name and its bytes. Without ``files`` it has a module of its name that knows its version."""
    module = name.replace("-", "_")
    inside = {f"{module}.py": f"VERSION = {version!r}\n"} if files is None else dict(files)
    known = f"{module}-{version}.dist-info"
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {each}" for each in needs),
    ]
    inside[f"{known}/METADATA"] = "\n".join(lines) + "\n"
    inside[f"{known}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    record = "".join(f"{path},{_recorded(data)}\n" for path, data in inside.items())
    inside[f"{known}/RECORD"] = f"{record}{known}/RECORD,,\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in inside.items():
            archive.writestr(path, data)
    return f"{module}-{version}-{tag}.whl", out.getvalue()


def _recorded(data):
    raw = data if isinstance(data, bytes) else data.encode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(raw)}"


def tarball(name, version="1.0.0", files=None, links=(), **manifest):
    """An npm package: its manifest, and its tarball. Without ``files`` it exports its version."""
    known = {"name": name, "version": version, "main": "index.js", **manifest}
    inside = {"index.js": f"module.exports = {{ version: {version!r} }};\n"} if files is None else dict(files)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, data in {"package.json": json.dumps(known), **inside}.items():
            raw = data if isinstance(data, bytes) else data.encode()
            entry = tarfile.TarInfo(path if path.startswith(("/", "..")) else f"package/{path}")
            entry.size = len(raw)
            archive.addfile(entry, io.BytesIO(raw))
        for path, target in links:
            entry = tarfile.TarInfo(f"package/{path}")
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return known, out.getvalue()


class PackageIndex:
    """What the index has, and what it was asked. ``answer`` may be set to answer every request with a status."""

    def __init__(self):
        self.wheels = {}
        self.packages = {}
        self.asked = []
        self.headers = []
        self.status = None
        self.holding = None
        self.address = ""

    def add_wheel(self, name, *more, **how):
        file, data = wheel(name, *more, **how)
        self.wheels.setdefault(name.lower().replace("_", "-"), {})[file] = data

    def add_sdist(self, name, version="1.0"):
        """A package that would have to be built."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            raw = b"raise SystemExit('code of a package ran')\n"
            entry = tarfile.TarInfo(f"{name}-{version}/setup.py")
            entry.size = len(raw)
            archive.addfile(entry, io.BytesIO(raw))
        self.wheels.setdefault(name, {})[f"{name}-{version}.tar.gz"] = out.getvalue()

    def add_package(self, name, *more, **how):
        manifest, data = tarball(name, *more, **how)
        self.packages.setdefault(name, {})[manifest["version"]] = (manifest, data)

    def variables(self):
        """The variables by which an installation has it."""
        return {"HOLDOVER_PYPI_INDEX": f"{self.address}/simple", "HOLDOVER_NPM_REGISTRY": f"{self.address}/npm"}

    def find(self, path):
        """The type and the bytes at ``path``; ``None`` for nothing."""
        return self._names(path.partition("?")[0]) or self._file(path)

    def _names(self, path):
        """Which packages there are, as either kind of index says it."""
        if path == "/simple/" and self.wheels:
            links = "".join(f'<a href="{name}/">{name}</a>\n' for name in self.wheels)
            return "text/html", f"<!DOCTYPE html><html><body>\n{links}</body></html>".encode()
        if path == "/npm/-/v1/search" and self.packages:
            found = [{"package": {"name": name}} for name in self.packages]
            return "application/json", json.dumps({"objects": found}).encode()
        return None

    def _file(self, path):
        match unquote(path).strip("/").split("/"):
            case ["simple", name] if name in self.wheels:
                links = "".join(f'<a href="../../files/{name}/{file}">{file}</a>\n' for file in self.wheels[name])
                return "text/html", f"<!DOCTYPE html><html><body>\n{links}</body></html>".encode()
            case ["files", name, file] if file in self.wheels.get(name, {}):
                return "application/octet-stream", self.wheels[name][file]
            case ["npm", *name, "-", file] if (found := self._tarball("/".join(name), file)) is not None:
                return "application/octet-stream", found
            case ["npm", *name] if "/".join(name) in self.packages:
                return "application/json", json.dumps(self._packument("/".join(name))).encode()
        return None

    def _tarball(self, name, file):
        versions = self.packages.get(name, {})
        return next((data for version, (_, data) in versions.items() if file.endswith(f"-{version}.tgz")), None)

    def _packument(self, name):
        versions = {}
        for version, (manifest, data) in self.packages[name].items():
            integrity = f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"
            address = f"{self.address}/npm/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
            versions[version] = {**manifest, "dist": {"tarball": address, "integrity": integrity}}
        return {"name": name, "dist-tags": {"latest": list(versions)[-1]}, "versions": versions}


@contextmanager
def package_index():
    """A running one."""
    index = PackageIndex()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            index.asked.append(self.path)
            index.headers.append(dict(self.headers))
            if index.holding is not None:
                index.holding.wait()
            kind, body = index.find(self.path) or ("text/plain", b"")
            status = index.status or (200 if index.find(self.path) else 404)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            # A build that has ended is not waited for.
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    index.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        if index.holding is not None:
            index.holding.set()
        server.shutdown()
        server.server_close()
        thread.join()
