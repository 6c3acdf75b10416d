"""English for code that did not load. How a template is read is said in :mod:`.rendering`."""

from __future__ import annotations

from typing import Final

LOADING: Final = {
    "load-failed": (
        "Your code failed to load: {problem}{file: ({file}{line:|, line 1|, line {line:=plain}}"
        "{column:|, column 1|, column {column:=plain}}{source:: `{source}`|})|}."
    ),
    "import-nearest": "Did you mean `{nearest}`?",
    "package-missing": "If it is in the package `{package}`, add that to {manifest}; otherwise add the module as a file.",
    "package-once-brought": "Runtimes of Lambda included `{package}` up to {runtime}, newer ones do not: add it to {manifest}.",
    "package-lacks": "The package `{package}` is installed and does not have it for this runtime. Ask for another version, or for another package.",
    "package-not-built": "The package `{package}` lacks a file that its install script would create; scripts of packages do not run here. Use a newer version, or bring node_modules in a layer.",
    "package-only-imported": "`{package}` is an ES module, which this runtime does not load by `require`. Write the file as a module too (ending .mts or .mjs), load it by `await import()`, or ask for an older version.",
    "import-missing": "Only the function's own files and what the runtime includes can be imported; add the module as a file.",
    "export-missing": "{exported:{module} has: {exported:=all}.|Check what {module} exports.}",
    "handler-missing": (
        "{handlers:Set the handler to one that {file} has: {handlers:=or}."
        "|{file} has no function that could be the handler; write one.}"
    ),
    "handler-file-missing": "The handler would be in {wanted:=or}; the function has {files}. Rename the file, or name it in the handler.",
    "handler-calls-back": "Choose {runtime}, the newest runtime here that takes a callback, or write the handler as an async function that returns its answer.",
    "handler-malformed": "Write the handler as file and function, such as `{example}`.",
    "looks-like": "{file} looks like {language}, and its runtime loads {loaded}: choose another runtime, file name and handler.",
    "module-syntax": '{file} has the syntax of ES modules and is loaded as CommonJS: give it the ending .mjs, or write `"type": "module"` into package.json. If a bundler builds it for AWS, name that bundler in package.json, or play what it makes.',
    "line-to-mend": "Correct the syntax and run it again.",
    "bootstrap-missing": "The runtime is a program of your own: put it into a file named bootstrap at the top of the code or of a layer. The function has {files:=all}.",
    "bootstrap-foreign": "The program cannot be started on this system: it must be built for Linux and this processor, or be a script whose first line names a program that is there, with no carriage return at its end.",
    "aws-unreachable": "Nothing answers at {host} here. {known:The services of this scenario's account are {known:=all}.|The scenario has no AWS services; write account: {{services: auto}} at its top.}",
    "variable-missing": "The environment variable {name} is not set. Lambda gives a function those of its configuration: set it there.",
    "event-not-sent": "The code reads `{field}`, which no request sends. Make the events with the template `{template}`.",
    "module-code-failed": "The error comes from code outside the handler, which runs while the function loads.",
    "types-not-made": "{file} asks for `emitDecoratorMetadata`, which esbuild does not write, here as in builds of SAM and CDK. If a decorator lacks a type, name the type in it, or play what `tsc` makes of the code.",
    "all-failed": (
        "But every request ended in {error:the error `{error}`|an error}. What the handler does otherwise was not tried."
    ),
}
