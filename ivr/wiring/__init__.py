"""The one place that builds concrete classes out of config.yaml and the environment."""
