import os
import time

from flask import Flask, request

app = Flask(__name__)


@app.route("/")
def hello():
    return "Hello World!"


@app.route("/server", methods=["POST"])
def server():
    return request.get_json()["data"]


# What the bench asks of every service: wait, and say which process answers.
@app.route("/testing/delay")
def delay():
    time.sleep(int(request.args["ms"]) / 1000)
    return "waited"


@app.route("/testing/instance")
def instance():
    return {"pid": os.getpid()}
