# Sourced by the scripts beside it. NAMESPACE, MANIFESTS (a folder), KUBECTL and REPLICAS come from kubectl.ts.
set -euo pipefail

timeout=120s
selector=app=hello-minikube

k() { "$KUBECTL" --namespace "$NAMESPACE" "$@"; }
apply() { k apply -f "$MANIFESTS/$1.json" >/dev/null; }
rolled_out() { k rollout status deployment/kubee2etestapp --timeout "$timeout" >/dev/null; }
pods_gone() { k wait --for=delete pod -l "$selector" --timeout "$timeout" >/dev/null 2>&1 || [[ -z $(k get pods -l "$selector" -o name) ]]; }
pod_ips() { k get pods -l "$selector" --field-selector status.phase=Running -o jsonpath='{range .items[*]}{.status.podIP}{"\n"}{end}'; }
endpoint_ips() { k get endpoints kubee2etests -o jsonpath='{range .subsets[*].addresses[*]}{.ip}{"\n"}{end}' 2>/dev/null; }

# Until it is so, for 120 s.
until_so() {
  local end=$((SECONDS + 120))
  until "$@"; do ((SECONDS < end)) || { echo "gave up on: $*" >&2; exit 1; }; sleep 0.1; done
}

stand() { local name; for name in "$@"; do apply "$name"; done; rolled_out; }
endpoints_are_pods() { [[ $(endpoint_ips | sort) == "$(pod_ips | sort)" ]]; }
no_endpoints() { k get endpoints kubee2etests >/dev/null 2>&1 && [[ -z $(endpoint_ips) ]]; }

# Each pod once, the service 2N times by address and by name; every answer must be the page, every request in a log.
request_everything() { # PAGE
  local ip name pod agent=kubectl-$RANDOM service answered=0 logs
  answers() { [[ $(curl -sf --max-time 5 -A "$agent" "$@") == "$page" ]]; }
  local page=$1
  for ip in $(pod_ips); do answers "http://$ip:8080/"; answered=$((answered + 1)); done
  service=$(k get service kubee2etests -o jsonpath='{.spec.clusterIP}')
  name=kubee2etests.$NAMESPACE.svc.cluster.local
  until_so answers "http://$service/"
  answered=$((answered + 1))
  for ((i = 0; i < 2 * REPLICAS; i++)); do answers "http://$service/"; answered=$((answered + 1)); done
  for ((i = 0; i < 2 * REPLICAS; i++)); do
    answers --resolve "$name:80:$service" "http://$name/"
    answered=$((answered + 1))
  done
  logged() {
    logs=$(for pod in $(k get pods -l "$selector" -o name); do k logs "$pod"; done)
    [[ $(grep -c "\"$agent\"" <<<"$logs") -eq $answered ]]
  }
  until_so logged
}

images_are() { # IMAGE
  local images
  images=$(k get pods -l "$selector" -o jsonpath='{range .items[?(@.status.phase=="Running")]}{.spec.containers[0].image}{"\n"}{end}')
  [[ $(sort -u <<<"$images") == "$1" ]]
}
