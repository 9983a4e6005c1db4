"""Messages to people: which alarm goes to whom, when and by which channel, in their language.

`plan` decides and is pure, `memory` remembers, `sender` hands over to a short-lived child process that knows
apprise, and `service` ties them together.
"""
