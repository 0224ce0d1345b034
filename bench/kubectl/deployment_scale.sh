source "$(dirname "$0")/lib.sh"
stand configmap deployment
k scale deployment/kubee2etestapp --replicas 0 >/dev/null
pods_gone
[[ -z $(k get pods -l "$selector" -o name) ]]
apply deployment
rolled_out
