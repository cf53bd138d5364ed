"""Between the sockets and the application: doors, connections, requests coming in, answers going out.

What may come in: listening, accepting, limits of connections and heads, Hypercorn as we run it, one request (exchange) and its answer (delivery). What may
not: what a request means.
"""
