"""gunicorn's settings. Address and, where it is not set here, the number of workers come from the AppHost."""

worker_class = "gevent"
worker_connections = 1000
timeout = 30
graceful_timeout = 30

# To the console: the dashboard or the journal keeps the lines, and no file grows for ever.
errorlog = "-"
loglevel = "info"
