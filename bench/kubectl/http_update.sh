source "$(dirname "$0")/lib.sh"
stand configmap deployment service
apply configmap-second
apply deployment-second
rolled_out
until_so images_are nginx:1.29-alpine
request_everything 'kube-e2etests: this page came with an update'
apply configmap
apply deployment
rolled_out
