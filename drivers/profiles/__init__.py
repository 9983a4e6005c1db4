"""One YAML file a device model, read by `drivers.profile`."""
