"""Client of the Wallaroo MLOps API: calls, shapes of answers, sign-in and HTTP.

``calls`` and ``wire`` do not use the network, so that cached answers can be decoded before httpx is imported.
"""
