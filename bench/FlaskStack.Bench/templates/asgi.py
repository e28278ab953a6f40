import asyncio
import os

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

app = FastAPI()


@app.get("/", response_class=PlainTextResponse)
async def hello():
    return "Hello World!"


@app.post("/server", response_class=PlainTextResponse)
async def server(request: Request):
    return (await request.json())["data"]


@app.get("/testing/delay", response_class=PlainTextResponse)
async def delay(ms: int):
    await asyncio.sleep(ms / 1000)
    return "waited"


@app.get("/testing/instance")
async def instance():
    return {"pid": os.getpid()}
