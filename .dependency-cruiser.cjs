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
      name: 'no-type-cycles',
      comment:
        'Types that need each other are told apart by nobody: move what both need into a file of its own, or into runtime/model/.',
      severity: 'error',
      from: {},
      to: { circular: true },
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
        'What decides about a run, and what remembers it, sees the cluster and the callers through runtime/model/; process/main.ts passes them in.',
      severity: 'error',
      from: { path: '^runtime/(run|memory)/' },
      to: {
        path: [
          '^runtime/(kube|probes|server|dashboard|sinks|process|cli|history-file)/',
          'node_modules/(fastify|@kubernetes|undici|hot-shots)',
        ],
      },
    },
    {
      name: 'model-is-types',
      comment: 'runtime/model/ says what things are; what does something lives elsewhere.',
      severity: 'error',
      from: { path: '^runtime/model/' },
      to: only('^runtime/(model/|findings\\.ts$)'),
    },
    {
      name: 'only-kube-client-knows-the-api-client',
      comment: 'Speak to the API server through runtime/kube/client/.',
      severity: 'error',
      from: { path: '^(runtime|functions|sandbox)/', pathNot: '^runtime/kube/' },
      to: { path: 'node_modules/@kubernetes/client-node' },
    },
    {
      name: 'the-api-client-comes-late',
      comment:
        'The client library is a third of the start: import its types, and ask the API server by kube/client/served.ts. What the door and the server load must not load it.',
      severity: 'error',
      from: {
        path: '^(runtime|functions)/',
        pathNot: '^runtime/kube/(client/(connection|credentials)|session/open-cluster)\\.ts$',
      },
      to: {
        path: ['node_modules/@kubernetes/client-node', '^runtime/kube/client/(connection|credentials)\\.ts$'],
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'kube-knows-no-caller',
      comment: 'kube/ answers; run/, memory/ and server/ ask. Pass a callback or return a value.',
      severity: 'error',
      from: { path: '^runtime/kube/' },
      to: { path: '^runtime/(run|memory|server|dashboard|sinks|process|cli)/' },
    },
    {
      name: 'the-client-knows-no-kind',
      comment: 'One client for any object: what is true of one kind lives in runtime/kube/kinds/<kind>.ts.',
      severity: 'error',
      from: { path: '^runtime/kube/client/' },
      to: { path: '^runtime/kube/(kinds|session)/' },
    },
    {
      name: 'a-kind-knows-no-session',
      comment:
        'A kind sees the run through ClusterView (kube/kinds/cluster-view.ts); the session is built on the kinds.',
      severity: 'error',
      from: { path: '^runtime/kube/kinds/' },
      to: { path: '^runtime/kube/session/' },
    },
    {
      name: 'probes-observe-from-outside',
      comment: 'A probe knows addresses, not the API server: give it what it needs.',
      severity: 'error',
      from: { path: '^runtime/probes/' },
      to: { path: '^runtime/(kube|server|dashboard|run|memory|sinks|process|cli)/' },
    },
    {
      name: 'server-asks-the-runner',
      comment: 'Routes ask the runner, the store and health; they never touch the cluster.',
      severity: 'error',
      from: { path: '^runtime/(server|dashboard)/' },
      to: { path: '^(runtime/(kube|probes|process|cli)/|functions/)' },
    },
    {
      name: 'sinks-only-listen',
      comment: 'A sink gets events; it asks neither the cluster nor the runner.',
      severity: 'error',
      from: { path: '^runtime/sinks/' },
      to: { path: '^runtime/(kube|probes|server|dashboard|process|cli)/' },
    },
    {
      name: 'a-history-file-keeps-memory',
      comment: 'It keeps what memory hands out (memory/kept.ts), packed as memory packs it, and knows nobody else.',
      severity: 'error',
      from: { path: '^runtime/history-file/' },
      to: only('^runtime/(history-file|memory|model)/|^(node:)?(sqlite|worker_threads|fs|path)$'),
    },
    {
      name: 'only-process-opens-a-history-file',
      comment: 'Memory hands out what is to be kept; process/serve.ts passes it on.',
      severity: 'error',
      from: { path: '^(runtime|sandbox)/', pathNot: '^runtime/(history-file|process)/' },
      to: { path: '^runtime/history-file/|^(node:)?sqlite$' },
    },
    {
      name: 'fastify-only-at-the-edge',
      comment: 'Only server/, dashboard/ and process/schedule.ts know fastify.',
      severity: 'error',
      from: {
        path: '^(runtime|functions|sandbox)/',
        pathNot: '^runtime/(server|dashboard)/|^runtime/process/schedule\\.ts$',
      },
      to: { path: 'node_modules/(fastify|@fastify)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'diagnosis-is-pure',
      comment: 'A rule reads evidence (model/evidence.ts) and returns a diagnosis; it asks nobody.',
      severity: 'error',
      from: { path: '^runtime/diagnosis/' },
      to: { pathNot: '^runtime/(diagnosis/|model/|findings\\.ts|blame/refusals\\.ts)' },
    },
    {
      name: 'sandbox-is-a-cluster',
      comment:
        'The sandbox is reached as any cluster is; it imports nothing of the runtime, and only process/main.ts and cli/ start it.',
      severity: 'error',
      from: { path: '^sandbox/' },
      to: { path: '^(runtime|functions)/' },
    },
    {
      name: 'only-main-starts-the-sandbox',
      comment: 'The runtime has no sandbox special case: use an ordinary setting.',
      severity: 'error',
      from: { path: '^(runtime|functions)/', pathNot: '^runtime/(process/(main|prepared)|cli/cli)\\.ts$' },
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
