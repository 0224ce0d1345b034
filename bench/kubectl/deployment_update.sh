source "$(dirname "$0")/lib.sh"
stand configmap deployment
old=$(k get pods -l "$selector" -o name)
apply deployment-second
rolled_out
# shellcheck disable=SC2086
k wait --for=delete $old --timeout "$timeout" >/dev/null 2>&1 || true
images_are nginx:1.29-alpine
apply deployment
rolled_out
