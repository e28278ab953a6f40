"""What gunicorn serves: wsgi:app."""
from werkzeug.middleware.proxy_fix import ProxyFix

from app import app

# nginx replaces these headers of its clients, and nothing but nginx is meant to reach gunicorn.
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)

__all__ = ["app"]
