"""The work behind POST /server: put your own code here."""


def server_api(data):
    """Return the answer to one request: text as it is, anything else as JSON."""
    return data
