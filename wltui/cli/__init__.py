"""From arguments, environment and config.toml to settings, and from settings to a running command."""
