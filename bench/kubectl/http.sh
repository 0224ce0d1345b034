source "$(dirname "$0")/lib.sh"
stand configmap deployment service
k wait --for=condition=Ready pod -l "$selector" --timeout "$timeout" >/dev/null
request_everything 'kube-e2etests: this page is served by a test pod'
