"""A small, strict Modbus server of our own: an independent counterpart to the drivers' client."""
