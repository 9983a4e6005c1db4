"""The plan as a mixed-integer linear programme: one file for each part of the microgrid. Knows no solver."""

from controller.planning.program.build import Program, build
from controller.planning.program.linear import Columns, LinearProgram, Rows
from controller.planning.program.read import read

__all__ = ["Columns", "LinearProgram", "Program", "Rows", "build", "read"]
