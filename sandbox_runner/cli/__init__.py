"""The command line: play scenario files, show results on a terminal, write JUnit and the state diagram."""
