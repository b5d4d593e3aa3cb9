"""nginx in front of several nodes: each request goes to the next one, and past one that does not answer."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.servers import free_port, need, wait_for

CONFIGURATION = """
{user} daemon off; error_log {folder}/nginx.log warn; pid {folder}/nginx.pid; worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  log_format tried "$request_method $uri $status $upstream_addr";
  access_log {folder}/access.log tried;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; client_max_body_size 80m;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream nodes {{ {servers} }}
  server {{
    listen 127.0.0.1:{port};
    error_page 502 504 @away;
    location @away {{ default_type text/plain; return 503 "No node answers. Please try again."; }}
    location / {{
      proxy_pass http://nodes;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_read_timeout 100s;
    }}
  }}
}}
"""


class Balancer:
    """Round robin without sticky sessions."""

    def __init__(self, folder: Path, addresses: Sequence[str]) -> None:
        need("nginx", "nothing is balanced between two nodes")
        folder.mkdir()
        self.port, self.log = free_port(), folder / "access.log"
        self._file = folder / "nginx.conf"
        servers = " ".join(f"server {address} fail_timeout=1s;" for address in addresses)
        user = "user root;" if os.geteuid() == 0 else ""  # its own account may not write here
        self._file.write_text(CONFIGURATION.format(user=user, folder=folder, servers=servers, port=self.port))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address that people open."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it listens."""
        self._process = subprocess.Popen(["nginx", "-c", str(self._file)])
        wait_for(self.log.exists, "nginx to listen")

    def stop(self) -> None:
        """Stop."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(15)
            self._process = None

    def answered(self) -> dict[str, int]:
        """How many requests each node answered."""
        lasts = [line.split()[-1] for line in self.log.read_text().splitlines()]
        return {address: lasts.count(address) for address in set(lasts)}
