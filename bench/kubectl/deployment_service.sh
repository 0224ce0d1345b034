source "$(dirname "$0")/lib.sh"
stand configmap deployment service
k wait --for=condition=Ready pod -l "$selector" --timeout "$timeout" >/dev/null
until_so endpoints_are_pods
