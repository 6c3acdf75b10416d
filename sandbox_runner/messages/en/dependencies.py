"""English for packages that are not installed. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

_AT: Final = "{path}{line:|, line 1|, line {line:=plain}}"

DEPENDENCIES: Final = {
    "requirement-direct": _AT
    + ": {requirement} is an address or a folder, and only packages of the index are installed; write a name and a version",
    "requirement-option": _AT + ": the option {option} is not supported; leave only package names and versions",
    "requirement-malformed": _AT + ": {requirement} is not a package name with a version; write it like name==1.2",
    "requirements-too-many": "{path} names {count:=plain} packages; at most {most:=plain} are taken, remove some",
    "manifest-unusable": "{path} cannot be used{what:: look at its {what}|: it must be a JSON object}; correct it or remove it",
    "lock-line-unusable": _AT
    + ": {requirement} needs one version (==) and its sha256 hashes; create the lock again, or remove it and a new one is made",
    "lock-entry-unusable": "{path}: {requirement} is not a package of the registry with a hash; create the lock again, or remove it and a new one is made",
    "lock-does-not-fit": "{path} does not have {name} as {manifest} asks for it; create the lock again, or remove it and a new one is made",
    "package-unknown": "The package index has no package {package}.{nearest: Did you mean {nearest}?| Check its spelling.}",
    "package-version-unknown": "The package index has no version that {requirement} allows. Ask for one that it has.",
    "package-without-wheel": (
        "{package} has no ready-made package (wheel) for this runtime, and nothing is compiled here. "
        "Choose another version, or another package."
    ),
    "packages-without-wheel": (
        "{package} has no ready-made package (wheel) for this runtime in the version that is asked for, and nothing is "
        "compiled here. The nearest later versions that have one: {nearest}."
    ),
    "packages-conflict": "These packages conflict. Ask for other versions, or leave one out. The resolver says: {reason}",
    "package-needs-another": "{package} needs {needed}, but {found} is asked for. Ask for versions that fit.",
    "packages-too-large": (
        "Unzipped size must be smaller than {most:=plain} bytes, and the packages take at least {bytes:=plain}. "
        "Lambda refuses such a function too; leave some out."
    ),
    "packages-too-many-files": "The packages have {files:=plain} files; at most {most:=plain} are installed. Leave some out.",
    "package-unsound": "A package has an entry that is neither a regular file nor a folder: {entry}. It is not installed.",
    "packages-took-too-long": (
        "Installing the packages took longer than {seconds:=plain} seconds{package:; it was working on {package}|}. "
        "Ask for fewer packages, or for exact versions."
    ),
    "packages-not-offered": (
        "{path} asks for packages, and this installation does not install any"
        "{variable:: its operator has named no index ({variable})|}. "
        "Leave {path} out, or play it where packages are installed."
    ),
    "packages-not-installed": "The packages cannot be installed: {reason}",
    "packages-are-locked": "Resolving the packages that {file} asks for.",
    "packages-are-installed": "Installing {packages:=plain} {packages:package|packages}.",
}
