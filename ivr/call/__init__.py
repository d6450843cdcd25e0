"""One call: what it decides (pure) and the shell that carries it out."""
