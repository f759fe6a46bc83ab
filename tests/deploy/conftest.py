"""nginx with deploy/nginx.conf, as the container starts it, on free ports."""

import contextlib
import getpass
import os
import ssl
import subprocess
from string import Template
from types import SimpleNamespace

import pytest

from bench import ROOT, free_port, running

DEPLOY = ROOT / "deploy"
AROUND = """
daemon off; user {user}; worker_processes 2; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{ready}; return 204; }}
  {site}
}}
"""


@pytest.fixture
def proxy(tmp_path):
    """`with proxy(one, two) as site` before two replicas, each HOST:PORT; `site.plain` is its address without TLS, and
    `site.tls` trusts its certificate."""

    @contextlib.contextmanager
    def start(one: str, two: str):
        http, https, ready = free_port(), free_port(), free_port()
        settings = {"REPLICA_1": one, "REPLICA_2": two, "HTTP_PORT": http, "HTTPS_PORT": https}
        settings["CERTIFICATES"] = tmp_path
        subprocess.run([DEPLOY / "certificate.sh"], check=True, env={**os.environ, "CERTIFICATES": str(tmp_path)})
        site = Template((DEPLOY / "nginx.conf").read_text("utf-8")).safe_substitute(settings)
        configuration = tmp_path / "nginx.conf"
        configuration.write_text(AROUND.format(user=getpass.getuser(), folder=tmp_path, ready=ready, site=site))
        tls = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
        with running(["nginx", "-p", tmp_path, "-c", configuration], f"http://127.0.0.1:{ready}"):
            yield SimpleNamespace(address=f"https://localhost:{https}", plain=f"http://localhost:{http}", tls=tls)

    return start
