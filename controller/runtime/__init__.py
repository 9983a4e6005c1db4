"""The asyncio shell around the core: the tick, the process image, the actuators, supervision."""
