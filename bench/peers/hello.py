"""The least that Flask can answer, under the same server as `tagserver serve`: what any request costs at all.

`python -m bench.peers.hello PORT THREADS`
"""

import sys

import waitress
from flask import Flask, Response

app = Flask("hello")


@app.post("/hello")
def hello() -> Response:
    """A few words of JSON, whatever was sent."""
    return Response('{"hello": "world"}', mimetype="application/json")


if __name__ == "__main__":
    waitress.serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=int(sys.argv[2]), ident=None)
