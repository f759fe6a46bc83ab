#!/bin/sh
# Makes a self-signed certificate where there is none yet. nginx's image runs this when the container starts.
set -e
cd "$CERTIFICATES"
test -e certificate.pem || openssl req -x509 -newkey rsa:2048 -nodes -days 825 -subj /CN=gen_lab \
  -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -keyout key.pem -out certificate.pem
