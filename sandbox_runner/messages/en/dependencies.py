"""English for packages that are not installed. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

_AT: Final = "{path}{line:|, line 1|, line {line:=plain}}"

DEPENDENCIES: Final = {
    "requirement-direct": _AT
    + ": {requirement} is an address or a folder; only packages of the index are installed, so write a name and a version",
    "requirement-option": _AT + ": the option {option} is not taken; leave only names and versions of packages",
    "requirement-malformed": _AT + ": {requirement} is no name of a package with its versions; write it like name==1.2",
    "requirements-too-many": "{path} names {count:=plain} packages; at most {most:=plain} are taken, remove some",
    "manifest-unusable": "{path} cannot be used{what:: look at its {what}|: it must be a JSON object}; correct it or remove it",
    "lock-line-unusable": _AT
    + ": {requirement} needs one version (==) and its sha256 hashes; make the lock again, or remove it and a new one is made",
    "lock-entry-unusable": "{path}: {requirement} is no package of the registry with its hash; make the lock again, or remove it and a new one is made",
    "lock-does-not-fit": "{path} does not have {name} as {manifest} asks for it; make the lock again, or remove it and a new one is made",
    "package-unknown": "The package index has no package {package}.{nearest: Did you mean {nearest}?| Check how its name is written.}",
    "package-version-unknown": "The package index has no version that {requirement} allows. Ask for one that it has.",
    "package-without-wheel": (
        "{package} has no ready-made package (wheel) for this runtime, and nothing is compiled here. "
        "Choose another version, or another package."
    ),
    "packages-conflict": "These packages do not go together. Ask for other versions, or leave one out. The resolver says: {reason}",
    "package-needs-another": "{package} needs {needed}, and {found} is asked for. Ask for versions that go together.",
    "packages-too-large": (
        "Unzipped size must be smaller than {most:=plain} bytes, and the packages take at least {bytes:=plain}. "
        "Lambda refuses such a function too; leave some out."
    ),
    "packages-too-many-files": "The packages have {files:=plain} files; at most {most:=plain} are installed. Leave some out.",
    "package-unsound": "A package has an entry that is neither a file nor a folder of its own: {entry}. It is not installed.",
    "packages-took-too-long": (
        "Installing the packages was not done after {seconds:=plain} seconds{package:; it was busy with {package}|}. "
        "Ask for fewer packages, or for exact versions."
    ),
    "packages-not-offered": (
        "{path} asks for packages, and this installation installs none"
        "{variable:: its operator has named no index ({variable})|}. "
        "Leave {path} out, or play it where packages are installed."
    ),
    "packages-not-installed": "The packages cannot be installed: {reason}",
    "packages-are-locked": "Finding out which packages {file} needs.",
    "packages-are-installed": "Installing {packages:=plain} packages.",
}
