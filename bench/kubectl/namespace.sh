source "$(dirname "$0")/lib.sh"
"$KUBECTL" create namespace "$NAMESPACE-made" >/dev/null
"$KUBECTL" get namespace "$NAMESPACE-made" >/dev/null
[[ -z $("$KUBECTL" --namespace "$NAMESPACE-made" get pods,services,deployments -o name) ]]
"$KUBECTL" delete namespace "$NAMESPACE-made" --wait >/dev/null
