"""A real server that speaks S3 (moto's), and the environment that names it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import httpx

from tests.servers import free_port, unavailable, wait_for

KEYS = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


@contextmanager
def s3_server(folder: Path, *buckets: str, host: str = "127.0.0.1") -> Iterator[str]:
    """Run it with these buckets; yields its address."""
    if not (find_spec("moto") and find_spec("obstore")):
        unavailable("moto or obstore is not installed, so nothing goes to S3 (make test installs them)")
    url = f"http://{host}:{(port := free_port())}"
    line = [sys.executable, "-m", "moto.server", "-H", host, "-p", str(port)]
    with (folder / "s3.log").open("wb") as out, subprocess.Popen(line, stdout=out, stderr=out) as child:

        def made() -> bool:
            with suppress(httpx.HTTPError):
                return all(httpx.put(f"{url}/{bucket}").is_success for bucket in buckets)
            return False

        try:
            wait_for(made, "the S3 server")
            yield url
        finally:
            child.terminate()


def environment_of(url: str) -> dict[str, str]:
    """Return the variables that name this server."""
    return KEYS | {"AWS_ENDPOINT_URL": url, "AWS_ALLOW_HTTP": "true"}
