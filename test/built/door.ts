/** What the tests of server and page hold of the product; test/built/index.ts bundles it as the image's files are bundled. */

export { Held } from '../../runtime/defects.ts';
export { headlineOf } from '../../runtime/diagnosis/headline.ts';
export { createHealth } from '../../runtime/memory/cluster-health.ts';
export { createStore } from '../../runtime/memory/store.ts';
export { buildApp } from '../../runtime/server/app.ts';
export { createPrometheus } from '../../runtime/sinks/prometheus.ts';
export { renderReport } from '../../runtime/words/run-text.ts';
