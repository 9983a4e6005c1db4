"""The virtual village: sun, people, wires and machines with physics, served as real Modbus."""
