#!/bin/sh
# Examples with curl: sh contrib/curl.sh [URL]; RUN_TOKEN where the process asks for one.
set -eu
url=${1:-http://127.0.0.1:8081}
post() {
  curl --silent --show-error --max-time 280 --request POST ${RUN_TOKEN:+--header "authorization: Bearer $RUN_TOKEN"} "$@"
}

# Run a suite, wait, read the report. Exit code 22 where the run failed.
post --fail-with-body --header 'accept: text/plain' "$url/run/dns"

# The same as JSON.
post "$url/run/dns"

# Start it and look later.
post --dump-header - --output /dev/null "$url/run/dns?wait=false"
curl --silent --show-error "$url/results/dns"

# As a Knative PingSource does it: once for each ce-id, and 200 whatever the verdict.
post --header 'ce-specversion: 1.0' --header 'ce-type: dev.knative.sources.ping' --header 'ce-source: /contrib/curl' \
  --header "ce-id: $(date +%s)" "$url/run/dns"

# The verdict on the cluster: 200 where every suite passes, 503 otherwise.
curl --silent --show-error --write-out '\n%{http_code}\n' "$url/health"
