/** What the tests of server and page hold of the product; test/built/index.ts bundles it as the image's files are bundled. */
export { headlineOf } from '../../runtime/diagnosis/headline.ts';
export { Held } from '../../runtime/findings.ts';
export { createHealth } from '../../runtime/health.ts';
export { createPrometheus } from '../../runtime/metrics/prometheus.ts';
export { renderReport } from '../../runtime/report.ts';
export { buildApp } from '../../runtime/server/app.ts';
export { createStore } from '../../runtime/store.ts';
