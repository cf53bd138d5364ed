"""Who may do what, who is asked, and what is written down about it.

What may come in: the access table and the facts that it speaks of, licences, consent, guesses of UIDs, who is behind a connection, the audit log. What may
not: endpoints, jobs and pages; whoever refuses a request raises a :class:`reference_server.errors.RestError` and knows no HTTP beyond it.
"""
