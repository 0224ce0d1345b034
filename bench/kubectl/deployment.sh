source "$(dirname "$0")/lib.sh"
apply configmap
apply deployment
k get deployment kubee2etestapp >/dev/null
rolled_out
k wait --for=condition=PodScheduled pod -l "$selector" --timeout "$timeout" >/dev/null
k wait --for=condition=Ready pod -l "$selector" --timeout "$timeout" >/dev/null
nodes=$(k get pods -l "$selector" -o jsonpath='{range .items[*]}{.spec.nodeName}{"\n"}{end}')
[[ $(sort -u <<<"$nodes" | wc -l) -eq $REPLICAS ]]
zones=$("$KUBECTL" get nodes -L topology.kubernetes.io/zone --no-headers | awk '{ print $NF }')
[[ $(sort -u <<<"$zones" | wc -l) -ge $REPLICAS ]]
k delete deployment kubee2etestapp --wait >/dev/null
pods_gone
[[ -z $(k get pods -l "$selector" -o name) ]]
k delete configmap kubee2etestapp --wait >/dev/null
