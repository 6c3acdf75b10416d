"""What is stored of experiments, revisions and runs: who may see and change it, and how long it is kept."""
