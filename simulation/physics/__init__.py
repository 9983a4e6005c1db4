"""The village's physics: sky, people, wires and machines, with nothing of Modbus or of the controller."""
