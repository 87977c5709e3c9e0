"""The node: settings, URLs, commands, the runtime; the only place that knows every module."""
