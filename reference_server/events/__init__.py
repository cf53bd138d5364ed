"""Everything that happens in the service, told in one place: a bounded ring of typed events that applications and the status page read.

What may come in: what an event says, who may see it, and the tasks that watch devices and buffer for news. What may not: connections (those are
:mod:`reference_server.web_sockets`), and anything that decides; telling an event never fails, never waits and changes nothing.
"""
