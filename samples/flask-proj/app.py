"""A small Flask service: GET / greets, and POST /server passes the data of a JSON object to api.server_api."""
import json

from flask import Flask, request
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, UnsupportedMediaType

from api import server_api

MAX_BODY = 2 * 1024 * 1024

app = Flask(__name__)


@app.get("/")
def hello():
    return as_text("Hello World!")


@app.post("/server")
def server():
    result = server_api(data_of(request))
    # Text goes out as text: a client's own words are never HTML.
    return as_text(result) if isinstance(result, str) else as_json(result)


def data_of(incoming):
    if not incoming.is_json:
        raise UnsupportedMediaType("The body must be JSON: send Content-Type: application/json.")
    text = incoming.stream.read(MAX_BODY + 1)
    if len(text) > MAX_BODY:
        raise RequestEntityTooLarge(f"The body has more than {MAX_BODY} bytes.")
    try:
        body = json.loads(text)
        if b"\\u" in text:
            # Half a character cannot be sent back.
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadRequest("The body is no JSON object; send one with the property 'data'.")
    if "data" not in body:
        raise BadRequest('The JSON object has no property \'data\'; send {"data": …}.')
    return body["data"]


def as_text(text):
    return app.response_class(text, mimetype="text/plain")


def as_json(value, status=200, mimetype="application/json"):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return app.response_class(text, status, content_type=f"{mimetype}; charset=utf-8")


@app.after_request
def no_guessing(response):
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@app.errorhandler(HTTPException)
def problem(error):
    details = {"title": error.name, "status": error.code, "detail": error.description}
    response = as_json(details, error.code, "application/problem+json")
    if allowed := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(allowed)
    return response
