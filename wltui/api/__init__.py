"""The Wallaroo MLOps API: its calls, its wire, and the client that sends them.

``calls`` and ``wire`` know no network, so that what is cached can be read before httpx is imported.
"""
