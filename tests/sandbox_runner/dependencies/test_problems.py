"""What uv and npm said when they failed, as a sentence with what a person can do."""

import pytest

from sandbox_runner.dependencies.problems import why_not
from sandbox_runner.messages import render
from sandbox_runner.runtimes import node_requirements, python_requirements
from sandbox_runner.runtimes.requirements import Requirements

PEERS = """npm error code ERESOLVE
npm error ERESOLVE unable to resolve dependency tree
npm error
npm error While resolving: function@0.0.0
npm error Found: react@16.0.0
npm error node_modules/react
npm error   react@"16.0.0" from the root project
npm error
npm error Could not resolve dependency:
npm error peer react@"^18.0.0" from react-dom@18.0.0
npm error node_modules/react-dom
npm error   react-dom@"18.0.0" from the root project
npm error
npm error Fix the upstream dependency conflict, or retry
npm error this command with --force or --legacy-peer-deps
"""
EMPTIED = "npm error code ENOVERSIONS\nnpm error No versions available for axois\nnpm error A complete log of this run"
MODULE = "\u00d7 No solution found when resolving dependencies:\n╰─▶ Because cv2 was not found in the package registry"


def said(packages, text):
    wanted = Requirements(packages.PACKAGES, "", ("x",), "x\n", "")
    return render(why_not(wanted, {"said": text}, ""))


@pytest.mark.parametrize(
    ("packages", "text", "sentence"),
    [
        (
            node_requirements,
            PEERS,
            "react-dom@18.0.0 needs react@^18.0.0, but react@16.0.0 is asked for. Ask for versions that fit.",
        ),
        (node_requirements, EMPTIED, "The package index has no package axois. Did you mean axios?"),
        (python_requirements, MODULE, "The package index has no package cv2. Did you mean opencv-python-headless?"),
    ],
    ids=["peers that do not go together", "a name that was taken out", "a module's name"],
)
def test_what_was_said_is_one_sentence_with_the_cure(packages, text, sentence):
    assert said(packages, text) == sentence
