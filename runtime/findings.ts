/**
 * The catalogue of finding codes: the closed set of what can be wrong. How a finding is thrown: defects.ts.
 *
 * A code is `area.error`, goes into metrics as it is, and is never reused. TROUBLESHOOTING.md has a section for each;
 * a test holds the two together.
 */
import type { Blame } from './model/blame.ts';

/** Code → whom it speaks of unless the place that throws knows better, and what it means. */
export const catalogue = {
  'api.bad_request': { blame: 'us', means: 'The API server could not read a request of ours' },
  'api.unauthorized': { blame: 'us', means: 'The API server does not accept our credentials: expired or wrong token' },
  'api.forbidden': { blame: 'us', means: 'RBAC, quota or an admission policy denied a request' },
  'api.not_found': { blame: 'cluster', means: 'An object that should exist does not' },
  'api.method_not_allowed': { blame: 'us', means: 'The API server does not offer this verb' },
  'api.conflict': {
    blame: 'us',
    means: 'An object of that name is not ours, or somebody else changes it',
  },
  'api.gone': { blame: 'cluster', means: 'The API server keeps forgetting the version we watch from' },
  'api.unprocessable_entity': { blame: 'us', means: 'The API server refused an object of ours as invalid' },
  'api.too_many_requests': { blame: 'cluster', means: 'The API server throttled us until the deadline' },
  'api.internal_server_error': { blame: 'cluster', means: 'The API server answered 500 until the deadline' },
  'api.bad_gateway': {
    blame: 'cluster',
    means: 'Something in front of the API server answered 502 until the deadline',
  },
  'api.service_unavailable': { blame: 'cluster', means: 'The API server answered 503 until the deadline' },
  'api.gateway_timeout': { blame: 'cluster', means: 'The API server answered 504 until the deadline' },
  'api.unexpected_status': { blame: 'us', means: 'Something on the way gave an answer that no API server gives' },
  'api.max_retries_exceeded': {
    blame: 'cluster',
    means: 'No connection to the API server, or no answer, until the deadline',
  },
  'api.not_ready': { blame: 'cluster', means: 'The API server says of itself that it is not ready' },
  'api.slow': { blame: 'cluster', means: 'Requests to the API server take too long, each time' },
  'timeout.watch': { blame: 'cluster', means: 'A change was not shown by a watch in time' },
  'timeout.events': {
    blame: 'cluster',
    means: 'The cluster did not finish a change in time: scheduling, a rollout, a scale',
  },
  'timeout.waiting_on_endpoints': {
    blame: 'cluster',
    means: 'A service did not answer in time although its pods are ready',
  },
  'timeout.waiting_on_phase': {
    blame: 'cluster',
    means: 'Pods or a namespace did not reach the wanted condition in time',
  },
  'timeout.deadline': { blame: 'cluster', means: 'The whole run took longer than its suite allows' },
  'k8s.not_empty': { blame: 'cluster', means: 'A new namespace already holds objects' },
  'k8s.log_incorrect': { blame: 'cluster', means: 'A pod log is empty or misses requests that were made' },
  'k8s.same_node': { blame: 'cluster', means: 'Pods share a node although they should be spread' },
  'k8s.same_data_centre': { blame: 'cluster', means: 'Pods share a zone although their anti-affinity forbids it' },
  'k8s.no_zone_label_on_node': { blame: 'cluster', means: 'A node with a test pod has no zone label' },
  'k8s.address_missing': {
    blame: 'cluster',
    means: 'A pod or a service has no address of one family, although the cluster has both',
  },
  'k8s.service_endpoint_count_wrong': {
    blame: 'cluster',
    means: 'The endpoints of a service are not its ready pods',
  },
  'k8s.not_deleted': { blame: 'cluster', means: 'A deleted object or its pods are still there' },
  'k8s.image_not_updated': { blame: 'cluster', means: 'A pod runs another image than the deployment asks for' },
  'k8s.content_stale': {
    blame: 'cluster',
    means: 'A changed ConfigMap or Secret did not reach the files of a running pod',
  },
  'k8s.pod_failed': { blame: 'cluster', means: 'A pod cannot run: image pull, crash loop, container configuration' },
  'k8s.replica_failure': { blame: 'cluster', means: 'The replica set controller cannot make pods' },
  'k8s.pods_removed': {
    blame: 'us',
    means: 'Somebody else removed test pods during a step, and again when it was repeated',
  },
  'k8s.api_unavailable': { blame: 'cluster', means: 'An API that is registered with the API server does not answer' },
  'k8s.lease_stale': {
    blame: 'cluster',
    means: 'The scheduler or the controller manager does not renew its lease: none leads',
  },
  'k8s.wrong_order': {
    blame: 'cluster',
    means: 'Pods of a StatefulSet came or went in another order than their numbers',
  },
  'k8s.budget_stale': {
    blame: 'cluster',
    means: 'The status of a PodDisruptionBudget does not follow its pods',
  },
  'k8s.eviction_wrong': {
    blame: 'cluster',
    means: 'An eviction was done beyond its budget, or refused within it',
  },
  'k8s.cron_missed': { blame: 'cluster', means: 'A CronJob did not fire at the full minute' },
  'k8s.cron_wrong': {
    blame: 'cluster',
    means: 'A CronJob fired twice for one minute, or although it is suspended',
  },
  'k8s.claim_pending': { blame: 'cluster', means: 'A PersistentVolumeClaim got no volume in time' },
  'k8s.claim_not_expanded': {
    blame: 'cluster',
    means: 'A PersistentVolumeClaim did not grow in time although its class allows it',
  },
  'k8s.data_lost': { blame: 'cluster', means: 'A volume does not hold what was written into it' },
  'k8s.volume_unwritable': { blame: 'cluster', means: 'A pod has a new volume and cannot write into it' },
  'k8s.volume_left': { blame: 'cluster', means: 'A PersistentVolume is still there although its claim is gone' },
  'k8s.clock_differs': { blame: 'us', means: 'The clock of the API server and ours are far apart' },
  'k8s.prerequisite_missing': { blame: 'us', means: 'Something that a run needs has not been set up' },
  'http.wrong_response': {
    blame: 'cluster',
    means: 'A pod or service answered with a page other than the expected one',
  },
  'http.status': { blame: 'cluster', means: 'A pod or service answered with a status other than 200' },
  'http.connection_error': { blame: 'cluster', means: 'No connection to a pod or service' },
  'http.timeout': { blame: 'cluster', means: 'A pod or service did not answer in time' },
  'pull.unreachable': { blame: 'cluster', means: 'A node does not reach the registry, or does not trust it' },
  'pull.registry_error': { blame: 'cluster', means: 'The registry answers with an error of its own' },
  'pull.too_many_requests': { blame: 'cluster', means: 'The registry answers 429: too many pulls' },
  'pull.unauthorized': { blame: 'us', means: 'The registry wants other credentials than the cluster has' },
  'pull.not_found': { blame: 'us', means: 'The registry does not have the image that is to be pulled' },
  'pull.failed': { blame: 'cluster', means: 'An image could not be pulled, in words that nothing above knows' },
  'pull.wrong': { blame: 'cluster', means: 'A tag that the registry cannot have was pulled all the same' },
  'dns.nxdomain': { blame: 'cluster', means: 'The DNS server says that a name of the cluster does not exist' },
  'dns.servfail': { blame: 'cluster', means: 'The DNS server failed' },
  'dns.refused': { blame: 'cluster', means: 'The DNS server refused to answer' },
  'dns.timeout': { blame: 'cluster', means: 'The DNS server did not answer in time' },
  'dns.no_answer': { blame: 'cluster', means: 'The DNS server has no address for the name' },
  'dns.wrong_answer': { blame: 'cluster', means: 'The DNS server gives a name addresses that are not its own' },
  'mesh.node_unreachable': {
    blame: 'cluster',
    means: 'Pods on a node and pods on other nodes do not reach each other',
  },
  'mesh.link_broken': {
    blame: 'cluster',
    means: 'Pods on one node do not reach those on another, and both reach others',
  },
  'mesh.large_answers_lost': {
    blame: 'cluster',
    means: 'Small answers pass between nodes and large ones are lost: the MTU does not fit',
  },
  'mesh.slow': {
    blame: 'cluster',
    means: 'The way between nodes loses packets, or takes a second and more, again and again',
  },
  'mesh.service_unreachable': {
    blame: 'cluster',
    means: 'A new service answers from other nodes and not from this one: its kube-proxy',
  },
  'mesh.dns_unreachable': {
    blame: 'cluster',
    means: 'Pods on one node do not resolve names of the cluster that those on others do',
  },
  'edge.no_address': { blame: 'cluster', means: 'An Ingress or a Gateway was given no address in its status' },
  'edge.not_accepted': { blame: 'cluster', means: 'A Gateway did not accept a route, or says nothing of it' },
  'edge.unreachable': { blame: 'cluster', means: 'Nobody answers at the address of an Ingress or a Gateway' },
  'edge.not_routed': {
    blame: 'cluster',
    means: 'An ingress controller or gateway answers 404 for a host that it has to serve',
  },
  'edge.no_backend': {
    blame: 'cluster',
    means: 'An ingress controller or gateway answers 500 to 504: it does not reach the pods behind a route',
  },
  'edge.wrong_page': { blame: 'cluster', means: 'For the host of a route something else than its page is served' },
  'edge.stale': { blame: 'cluster', means: 'A changed route still leads to its old backend' },
  'edge.lost_requests': { blame: 'cluster', means: 'Requests were lost while the backend of a route changed' },
  'edge.still_served': { blame: 'cluster', means: 'A deleted route is still served' },
  'start.late': {
    blame: 'us',
    means: 'A suite was due on Knative and did not start',
  },
  'run.aborted': { blame: 'us', means: 'The run was stopped before it could judge: shutdown, or its lock was lost' },
  'run.defect': { blame: 'us', means: 'A defect of this tool or of a suite' },
} as const satisfies Record<string, { blame: Blame; means: string }>;

export type FindingCode = keyof typeof catalogue;
