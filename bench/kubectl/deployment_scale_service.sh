source "$(dirname "$0")/lib.sh"
stand configmap deployment service
k scale deployment/kubee2etestapp --replicas 0 >/dev/null
until_so no_endpoints
apply deployment
rolled_out
until_so endpoints_are_pods
