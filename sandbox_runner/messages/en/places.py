"""English: the places that held something. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

_WHERE: Final = "{file:, {role:=word} at {file} line {line:=plain}|}"
_PACKAGE: Final = "the package {package}{version: {version}|}"

PLACES: Final = {
    "carried-by": f"Carried by `{{place}}`{_WHERE}.",
    "carried-by-file": f"Carried by the file `{{place}}`{_WHERE}.",
    "held-in": f"Held in `{{place}}`{_WHERE}.",
    "held-in-file": f"Held in the file `{{place}}`{_WHERE}.",
    "carried-by-package": f"Carried by `{{place}}`, in {_PACKAGE}{_WHERE}.",
    "held-in-package": f"Held in `{{place}}`, in {_PACKAGE}{_WHERE}.",
    "other-lines": "{others:|Another line writes|{others} other lines write} to it as well; which of them ran is not known.",
}
