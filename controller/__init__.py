"""The controller: pure decisions, and the process that carries them out."""
