"""Extensions inside the sandbox: the processes of external ones, and how everybody is told that it is over."""
