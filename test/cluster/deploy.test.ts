/** What we ship, applied: one after another, since all of it lives in the namespaces that the manifests name. */
import './deploy/dry-run.ts';
import './deploy/knative.ts';
import './deploy/rbac.ts';
import './deploy/image.ts';
