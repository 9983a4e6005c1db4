"""From registers to points: buses, profiles, devices. Signs and scales are settled here, once."""
