"""Sharing scarce energy: who goes without, when, and that it is fair. Pure.

`ledger` remembers what each feeder wanted and went without, `rounds` whose turn it is, `fairness` says how
evenly it went. The default rules use `allowance` and `rotation`; the planner lays out announced turns with
`turns`.
"""
