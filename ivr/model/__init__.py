"""Pure: the words everyone uses. Imports nothing of ours, so that everything may import it."""
