"""Pure: walk a flow. The same inputs give the same outputs."""
