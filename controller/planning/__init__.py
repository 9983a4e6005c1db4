"""Plans for the coming two days: how sun, battery, genset, grid and people's demand fit together. Pure.

Imported by the planner process and by benchmarks, never by the controller or the page: HiGHS lives here.
"""
