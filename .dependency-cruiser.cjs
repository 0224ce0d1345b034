/** The import table: who may import whom. Each comment tells the offender what to do instead. */
const only = (path) => ({ pathNot: path });

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or need a third: move the shared part down.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'Nobody imports this file: use it, or delete it.',
      severity: 'error',
      from: { orphan: true, pathNot: ['^functions/', '^test/', '^bench/', '\\.d\\.ts$', '^runtime/dashboard/client/'] },
      to: {},
    },
    {
      name: 'nothing-imports-tests',
      comment: 'Move what is shared out of test/.',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'functions-have-one-door',
      comment: 'A suite imports runtime/index.ts only. What it misses there belongs into a resource or a probe.',
      severity: 'error',
      from: { path: '^functions/' },
      to: only('^runtime/index\\.ts$'),
    },
    {
      name: 'functions-are-reached-by-path',
      comment: 'Suites are found by the registry, never imported.',
      severity: 'error',
      from: { path: '^(runtime|sandbox)/' },
      to: { path: '^functions/' },
    },
    {
      name: 'deciders-know-no-edge',
      comment:
        'What decides about a run sees the cluster and the callers through model.ts interfaces; main.ts passes them in.',
      severity: 'error',
      from: {
        path: '^runtime/(runner|run|steps|cleanup|first-failure|verdict|recorder|store|health|registry|model|findings)\\.ts$',
      },
      to: {
        path: [
          '^runtime/(kube|probes|server|dashboard|metrics)/',
          'node_modules/(fastify|@kubernetes|undici|hot-shots)',
        ],
      },
    },
    {
      name: 'only-kube-knows-the-api-client',
      comment: 'Speak to the API server through runtime/kube/.',
      severity: 'error',
      from: { path: '^(runtime|functions|sandbox)/', pathNot: '^runtime/kube/' },
      to: { path: 'node_modules/@kubernetes/client-node' },
    },
    {
      name: 'the-api-client-comes-late',
      comment:
        'The client library is a third of the start: import its types, and take its values from Apis (cluster.ts). What the door and the server load must not load it.',
      severity: 'error',
      from: { path: '^(runtime|functions)/', pathNot: '^runtime/kube/(cluster|credentials)\\.ts$' },
      to: {
        path: ['node_modules/@kubernetes/client-node', '^runtime/kube/(cluster|credentials)\\.ts$'],
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'kube-knows-no-caller',
      comment: 'kube/ answers; runner, store and server ask. Pass a callback or return a value.',
      severity: 'error',
      from: { path: '^runtime/kube/' },
      to: { path: '^runtime/(runner|run|store|recorder|health|server|dashboard|schedule)' },
    },
    {
      name: 'probes-observe-from-outside',
      comment: 'A probe knows addresses, not the API server: give it what it needs.',
      severity: 'error',
      from: { path: '^runtime/probes/' },
      to: { path: '^runtime/(kube|server|dashboard|runner|run|store)' },
    },
    {
      name: 'server-asks-the-runner',
      comment: 'Routes ask the runner, the store and health; they never touch the cluster.',
      severity: 'error',
      from: { path: '^runtime/(server|dashboard)/' },
      to: { path: '^(runtime/(kube|probes)/|functions/)' },
    },
    {
      name: 'fastify-only-at-the-edge',
      comment: 'Only server/, dashboard/ and schedule.ts know fastify.',
      severity: 'error',
      from: { path: '^(runtime|functions|sandbox)/', pathNot: '^runtime/(server|dashboard)/|^runtime/schedule\\.ts$' },
      to: { path: 'node_modules/(fastify|@fastify)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'diagnosis-is-pure',
      comment: 'A rule reads evidence (model.ts) and returns a diagnosis; it asks nobody.',
      severity: 'error',
      from: { path: '^runtime/diagnosis/' },
      to: { pathNot: '^runtime/(diagnosis/|model\\.ts|findings\\.ts|refusals\\.ts)' },
    },
    {
      name: 'sandbox-is-a-cluster',
      comment:
        'The sandbox is reached as any cluster is; it imports nothing of the runtime, and only main.ts and cli.ts start it.',
      severity: 'error',
      from: { path: '^sandbox/' },
      to: { path: '^(runtime|functions)/' },
    },
    {
      name: 'only-main-starts-the-sandbox',
      comment: 'The runtime has no sandbox special case: use an ordinary setting.',
      severity: 'error',
      from: { path: '^(runtime|functions)/', pathNot: '^runtime/(main|cli)\\.ts$' },
      to: { path: '^sandbox/' },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'This import resolves to nothing: a missing dependency or a wrong path.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
