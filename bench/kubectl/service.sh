source "$(dirname "$0")/lib.sh"
apply service
k get service kubee2etests >/dev/null
until_so no_endpoints
k delete service kubee2etests --wait >/dev/null
[[ -z $(k get service kubee2etests --ignore-not-found -o name) ]]
