"""
The runtime: what turns an installed package into a running world on one machine.

It keeps the home folder, starts the embedded PostgreSQL and the message servers, prepares each node, and
supervises all processes until they are asked to stop. It knows nothing of taxes and does not import Django.
"""
