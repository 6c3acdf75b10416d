"""English for code that came from a folder or a zip. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

SOURCES: Final = {
    "left-out-folder": "Left out: {name}{files:| (1 file)| ({files} files)}.",
    "left-out-hidden": "Left out: {files:1 hidden file|{files} hidden files} ({names}{more:|, and 1 more|, and {more} more}).",
    "task-root-inside": "Played from the folder {folder}: the handler imports what lies beside it, or its packages are listed there.",
    "lock-left-out": "{path} is left out: the packages will be locked again.",
    "program-not-executable": "{path} may not be executed: Lambda would answer Runtime.InvalidEntrypoint. It is started here all the same.",
    "left-out-links": "Left out: {files:1 link or device|{files} links or devices} ({names}{more:|, and 1 more|, and {more} more}).",
    "no-handler-found": "No function in it looks like a handler; {handler} is used.",
    "left-out-large": (
        "Left out because all together are too large: {files:1 file|{files} files} "
        "({names}{more:|, and 1 more|, and {more} more})."
    ),
    "left-out-untransformed": (
        "Not transformed, because there are too many: {files:1 file|{files} files} "
        "({names}{more:|, and 1 more|, and {more} more})."
    ),
    "template-unreadable": "{path} was not read: it is not YAML{line:| (line 1)| (line {line:=plain})}{detail:: {detail}|}.",
    "template-too-large": "{path} was not read: it is too large or too deep.",
    "template-not-understood": "Not understood: {place}{text:: {text}|}",
    "template-value-unknown": "Not understood: {place}: the template does not say what {text} is; that text is used.",
    "template-setting-unknown": "Not understood: {place}: {text} is not a number that Lambda accepts; the default is used.",
    "template-name-assumed": "{place}: {name} has no name in the template; {used} is used.",
    "template-runtime": "{place}: {runtime} is played on {used}.",
    "template-runtime-unknown": "Not understood: {place}: nothing here plays {runtime:{runtime}|a function without a runtime}{bootstrap:; a zip with a bootstrap for {bootstrap} can be played|}.",
    "package-added": "{package} is added to {manifest}: {runtime} included it, and what it is played on does not.",
    "manifest-made": "{manifest} is made of what {path} asks for.",
    "template-image": "Not understood: {place} is a container image.",
    "built-from": "{handler} is what a build makes; its source {path} is played.",
    "template-code-beside": "The code of {place} should be at {uri}, which is not here; the handler beside the template is played instead.",
    "template-code-elsewhere": "Not understood: the code of {place} is not here: {uri}",
}
