import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfigError,
  type Environment,
  namespaceOf,
  readConfig,
  settings,
  suiteProblems,
} from '../../runtime/config/config.ts';
import type { Config } from '../../runtime/config/shape.ts';

const tokenOfPod = '/var/run/secrets/kubernetes.io/serviceaccount/token';

function host(files: Record<string, string> = {}) {
  return {
    isFile: (path: string) => path in files,
    read(path: string) {
      if (!(path in files)) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return files[path] ?? '';
    },
  };
}

function problemsOf(env: Environment, files: Record<string, string> = {}) {
  let problems: ConfigError['problems'] = [];
  assert.throws(
    () => readConfig(env, host(files)),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      for (const problem of error.problems) assert.match(error.message, new RegExp(problem.key));
      problems = error.problems;
      return true;
    },
  );
  return problems;
}

const keysOf = (env: Environment, files: Record<string, string> = {}) => problemsOf(env, files).map(({ key }) => key);

test('an empty environment gives the original defaults and the sandbox', () => {
  const config = readConfig({}, host());
  assert.deepEqual({ ...config }, {
    timeToReportProblemMs: 1_200_000,
    pauseBetweenRunsMs: 0,
    testNamespace: 'kubee2etests',
    testDeployment: 'kubee2etestapp',
    testService: 'kubee2etests',
    port: 8081,
    host: '::',
    statsdHost: undefined,
    statsdPort: 8125,
    logLevel: 'info',
    registry: '',
    deploymentLabels: {},
    templateLabels: {},
    replicas: 3,
    antiAffinityKey: 'topology.kubernetes.io/zone',
    eventTimeoutMs: 60_000,
    suites: undefined,
    scheduler: true,
    schedule: undefined,
    schedules: {},
    timeZone: undefined,
    createNamespaces: false,
    plan: 'none',
    reportUrl: undefined,
    basePath: undefined,
    allowedHosts: [],
    runToken: undefined,
    reportToken: undefined,
    shutdownGraceMs: 0,
    cluster: 'sandbox',
    clusterName: undefined,
    clusterDomain: 'cluster.local',
    dnsQueryName: 'kubernetes.default.svc.cluster.local',
    dnsServers: [],
    probeProxy: undefined,
    proxies: {},
    imagePullSecrets: [],
    kubeContext: undefined,
    testPodSecurity: 'baseline',
    testTolerations: [],
    testNodeSelector: {},
    testLabels: {},
    imagePullPolicy: undefined,
    agentImage: undefined,
    ingressClass: undefined,
    gateway: undefined,
    functionsDir: undefined,
    historyFile: undefined,
    sloTarget: 0.999,
    notifyUrl: undefined,
    notifyFormat: 'cloudevent',
    pageUrl: undefined,
    warnings: [],
  } satisfies Config);
  assert.ok(Object.isFrozen(config));
});

test('an empty variable counts as unset', () => {
  assert.equal(readConfig({ FLASK_PORT: '', SUITES: ' ', STATSD_HOST: '' }, host()).port, 8081);
});

test('every bad setting is reported at once, with its value, what was expected and an example', () => {
  const env = {
    TIME_TO_REPORT_PROBLEM: 'soon',
    SECONDS_BETWEEN_RUNS: '-1',
    TEST_NAMESPACE: 'Kube_E2E',
    TEST_DEPLOYMENT: 'a.b',
    TEST_SERVICE: '1st',
    TEST_REPLICAS: '2.5',
    TEST_POD_SECURITY: 'privileged',
    ANTI_AFFINITY_KEY: 'a/b/c',
    CUSTOM_TEST_DEPLOYMENT_LABELS: '[]',
    CUSTOM_TEST_DEPLOYMENT_TEMPLATE_LABELS: "{'a': None}",
    DOCKER_REGISTRY_HOST: 'https://registry',
    IMAGE_PULL_SECRETS: 'Bad_Name',
    CREATE_NAMESPACES: 'maybe',
    EVENT_TIMEOUT_SECONDS: '0',
    SUITES: 'http,no-such',
    SCHEDULER: 'sometimes',
    SCHEDULE: 'every minute',
    SCHEDULE_DNS: '99 * * * *',
    SCHEDULE_http: '* * * * *',
    TZ: 'Mars/Olympus',
    CLUSTER: 'production',
    CLUSTER_DOMAIN: 'a b',
    DNS_QUERY_NAME: '..',
    DNS_SERVERS: 'dns.example.com',
    PROBE_PROXY: 'socks5://127.0.0.1',
    PORT: '65536',
    HOST: 'a:1',
    RUN_TOKEN: 'two words',
    REPORT_URL: 'kube:8081',
    NOTIFY_URL: 'hooks.example.net/x',
    NOTIFY_FORMAT: 'pager',
    PAGE_URL: 'https://user:word@e2e.example.net',
    STATSD_HOST: 'udp://x',
    STATSD_PORT: '0',
    LOG_LEVEL: 'chatty',
  };
  const problems = problemsOf(env);
  assert.deepEqual(new Set(problems.map(({ key }) => key)), new Set(Object.keys(env)));
  const replicas = problems.find(({ key }) => key === 'TEST_REPLICAS');
  assert.deepEqual(replicas, {
    key: 'TEST_REPLICAS',
    value: '2.5',
    expected: 'a whole number from 1 to 100',
    example: '3',
  });
});

test('a token and a password in a URL never show in a problem', () => {
  assert.throws(
    () => readConfig({ RUN_TOKEN: 'se cret', PROBE_PROXY: 'ftp://me:hunter2@proxy' }, host()),
    (error: Error) => !/se cret|hunter2/.test(error.message) && /RUN_TOKEN: expected/.test(error.message),
  );
});

test('PORT wins over FLASK_PORT', () => {
  assert.equal(readConfig({ FLASK_PORT: '9000' }, host()).port, 9000);
  assert.equal(readConfig({ FLASK_PORT: '9000', PORT: '8080' }, host()).port, 8080);
});

test('numbers are plain decimals: hexadecimal, exponents and spaces inside are refused', () => {
  for (const PORT of ['0x50', '8e3', '80 81', '+80']) assert.deepEqual(keysOf({ PORT }), ['PORT']);
  assert.equal(readConfig({ SECONDS_BETWEEN_RUNS: '0.0', EVENT_TIMEOUT_SECONDS: '1.5' }, host()).eventTimeoutMs, 1500);
});

test('the log levels of the original become those of the logger', () => {
  const levels = ['DEBUG', 'info', 'WARNING', 'ERROR', 'CRITICAL'].map(
    (level) => readConfig({ LOG_LEVEL: level }, host()).logLevel,
  );
  assert.deepEqual(levels, ['debug', 'info', 'warn', 'error', 'fatal']);
});

test('a registry may hold a port and a path, and loses the slash at its end', () => {
  assert.equal(readConfig({ DOCKER_REGISTRY_HOST: 'r.example:5000/a/b/' }, host()).registry, 'r.example:5000/a/b');
});

test('DNS servers may have ports, and brackets around IPv6', () => {
  const servers = '10.0.0.1, 10.0.0.2:5353,::1,[fd00::a],[fd00::a]:53';
  assert.deepEqual(
    readConfig({ DNS_SERVERS: servers }, host()).dnsServers,
    servers.split(',').map((server) => server.trim()),
  );
  for (const DNS_SERVERS of ['10.0.0.1:0', '10.0.0.1:70000', '[10.0.0.1]:53', 'fd00::zz'])
    assert.deepEqual(keysOf({ DNS_SERVERS }), ['DNS_SERVERS']);
});

/** What the kubelet sets for a Service of that name. */
function serviceLinks(service: string, port: number): Environment {
  const [ip, url] = ['10.96.7.7', `tcp://10.96.7.7:${port}`];
  return {
    [`${service}_SERVICE_HOST`]: ip,
    [`${service}_SERVICE_PORT`]: `${port}`,
    [`${service}_SERVICE_PORT_HTTP_METRICS`]: `${port}`,
    [`${service}_PORT`]: url,
    [`${service}_PORT_${port}_TCP`]: url,
    [`${service}_PORT_${port}_TCP_PROTO`]: 'tcp',
    [`${service}_PORT_${port}_TCP_PORT`]: `${port}`,
    [`${service}_PORT_${port}_TCP_ADDR`]: ip,
  };
}

test('what Kubernetes sets for a Service of the name of a setting is no setting', () => {
  for (const service of ['STATSD', 'FLASK', 'SCHEDULE', 'SCHEDULE_HTTP', 'TEST', 'CLUSTER', 'SCHEDULER']) {
    const { statsdPort, port, schedules, warnings } = readConfig(serviceLinks(service, 8000), host());
    assert.deepEqual([statsdPort, port, schedules, warnings], [8125, 8081, {}, []], service);
  }
  assert.equal(readConfig({ PORT: 'tcp://[fd00::7]:80', STATSD_PORT: 'udp://10.0.0.1:8125' }, host()).port, 8081);
  const both = { ...serviceLinks('SCHEDULE', 80), SCHEDULE_HTTP: '0 * * * *', SCHEDULE_SERVICE: '5 * * * *' };
  assert.deepEqual(readConfig(both, host()).schedules, { http: '0 * * * *', service: '5 * * * *' });
  assert.deepEqual(keysOf({ STATSD_PORT: 'tcp://' }), ['STATSD_PORT']);
});

test('a name that dns resolves has its domain', () => {
  for (const DNS_QUERY_NAME of ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'web.team-a', 'web.prod'])
    assert.deepEqual(keysOf({ DNS_QUERY_NAME }), ['DNS_QUERY_NAME'], DNS_QUERY_NAME);
  for (const DNS_QUERY_NAME of [
    'kubernetes.default.svc.k8s.test',
    'example.com',
    'example.com.',
    'web.prod.',
    'host.lan',
    'corp.',
  ])
    assert.equal(readConfig({ DNS_QUERY_NAME, CLUSTER_DOMAIN: 'k8s.test' }, host()).dnsQueryName, DNS_QUERY_NAME);
});

test('a variable that is one letter off a setting is warned about, and no other', () => {
  const warningsOf = (env: Environment) => readConfig(env, host()).warnings;
  for (const [key, meant] of [
    ['TEST_NAMESPACES', 'TEST_NAMESPACE'],
    ['TEST_REPLICA', 'TEST_REPLICAS'],
    ['TSET_REPLICAS', 'TEST_REPLICAS'],
    ['test_replicas', 'TEST_REPLICAS'],
    ['TEST-REPLICAS', 'TEST_REPLICAS'],
    ['SUITE', 'SUITES'],
    ['SCHEDULER_HTTP', 'SCHEDULE_HTTP'],
    ['SHEDULE_DNS', 'SCHEDULE_DNS'],
  ] as const)
    assert.deepEqual(warningsOf({ [key]: 'x' }), [`${key} is no setting: perhaps ${meant} was meant`]);
  const others = { POST: '1', HOME: '/', HOSTNAME: 'a', LANG: 'C', PATH: '/', DNS_SERVER_X: '1', STATSD_HOSTNAME: 'x' };
  assert.deepEqual(warningsOf({ ...others, ...serviceLinks('SUITE', 80) }), []);
});

test('settings that do not go together are warned about', () => {
  const warned = (env: Environment) => readConfig(env, host()).warnings.join();
  assert.match(warned({ SCHEDULER: 'off', SCHEDULE_DNS: '0 * * * *' }), /SCHEDULE_DNS: no use with SCHEDULER=off/);
  assert.match(warned({ STATSD_PORT: '8126' }), /STATSD_HOST/);
  assert.match(
    warned({ NOTIFY_FORMAT: 'slack', PAGE_URL: 'https://e2e.example.net' }),
    /NOTIFY_FORMAT: .*PAGE_URL: no use/s,
  );
  assert.match(warned({ REPORT_TOKEN: 'abc' }), /REPORT_URL/);
  assert.match(
    warned({ CLUSTER_DOMAIN: 'k8s.test', DNS_QUERY_NAME: 'a.b.svc.cluster.local.' }),
    /CLUSTER_DOMAIN is k8s\.test/,
  );
  assert.equal(warned({ CLUSTER_DOMAIN: 'cluster.local.' }), '');
});

test('the name that dns resolves follows the domain of the cluster', () => {
  assert.equal(readConfig({ CLUSTER_DOMAIN: 'k8s.test' }, host()).dnsQueryName, 'kubernetes.default.svc.k8s.test');
});

test('auto is the cluster of the pod, else KUBECONFIG, else the sandbox, and never the kubeconfig of a home folder', () => {
  const inPod = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
  const clusterOf = (env: Environment, files = {}) => readConfig(env, host(files)).cluster;
  assert.equal(clusterOf({ ...inPod, KUBECONFIG: '/k' }, { [tokenOfPod]: 'x', '/k': '' }), 'in-cluster');
  assert.equal(clusterOf({ ...inPod, KUBECONFIG: '/k' }, { '/k': '' }), 'kubeconfig');
  assert.equal(clusterOf({ HOME: '/home/a' }, { '/home/a/.kube/config': '' }), 'sandbox');
  assert.equal(readConfig({ CLUSTER: 'sandbox', KUBECONFIG: '/k' }, host()).kubeconfig, undefined);
});

test('auto never takes the sandbox where anything points at a cluster', () => {
  const inPod = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
  assert.match(problemsOf(inPod)[0]?.expected ?? '', /service account token .*automountServiceAccountToken/);
  for (const KUBECONFIG of ['', '  ', ':', '/missing', '/missing:/too'])
    assert.deepEqual(keysOf({ KUBECONFIG }), ['KUBECONFIG'], JSON.stringify(KUBECONFIG));
  assert.equal(readConfig({ ...inPod, KUBECONFIG: '' }, host({ [tokenOfPod]: 'x' })).cluster, 'in-cluster');
  for (const CLUSTER of ['sandbox', 'SANDBOX'])
    assert.equal(readConfig({ ...inPod, KUBECONFIG: ' ', CLUSTER }, host()).cluster, 'sandbox');
});

test('of a list of kubeconfigs those that exist are taken, as kubectl does', () => {
  const files = { '/a': '', '/b': '' };
  assert.equal(readConfig({ KUBECONFIG: '/a:/b' }, host(files)).kubeconfig, '/a:/b');
  assert.equal(readConfig({ KUBECONFIG: ':/a::/missing:' }, host(files)).kubeconfig, '/a');
});

test('who must ask for the sandbox is told how', () => {
  const rules = { sandbox: 'when asked' } as const;
  assert.throws(() => readConfig({}, host(), undefined, rules), /KUBECONFIG: expected .*--sandbox/);
  assert.equal(readConfig({ CLUSTER: 'sandbox' }, host(), undefined, rules).cluster, 'sandbox');
});

test('the path of the page is held without a slash at its end, and hosts in lower case', () => {
  assert.equal(readConfig({ BASE_PATH: '/tools/e2e/' }, host()).basePath, '/tools/e2e');
  assert.equal(readConfig({ BASE_PATH: '/' }, host()).basePath, undefined);
  for (const BASE_PATH of ['e2e', '//evil.example', '/a b', '/a"', 'https://x/e2e', '/a/../b?'])
    assert.deepEqual(keysOf({ BASE_PATH }), ['BASE_PATH'], BASE_PATH);
  const { allowedHosts } = readConfig({ ALLOWED_HOSTS: 'E2E.example.net, *.corp.example,*' }, host());
  assert.deepEqual(allowedHosts, ['e2e.example.net', '*.corp.example', '*']);
  for (const ALLOWED_HOSTS of ['https://a', 'a:80', '*a', 'a.*'])
    assert.deepEqual(keysOf({ ALLOWED_HOSTS }), ['ALLOWED_HOSTS'], ALLOWED_HOSTS);
});

test('a cluster has a name of one line', () => {
  assert.equal(readConfig({ CLUSTER_NAME: ' prod eu (west) ' }, host()).clusterName, 'prod eu (west)');
  for (const CLUSTER_NAME of ['a\nb', 'x'.repeat(101), 'a\u202eb'])
    assert.deepEqual(keysOf({ CLUSTER_NAME }), ['CLUSTER_NAME']);
});

test('a cluster that was asked for and cannot be there is a problem', () => {
  assert.deepEqual(keysOf({ CLUSTER: 'in-cluster' }), ['CLUSTER']);
  assert.deepEqual(keysOf({ CLUSTER: 'kubeconfig' }), ['KUBECONFIG']);
  assert.deepEqual(keysOf({ KUBECONFIG: '/missing' }), ['KUBECONFIG']);
});

test('the token comes from its file, and both at once are a problem', () => {
  assert.equal(readConfig({ RUN_TOKEN_FILE: '/t' }, host({ '/t': 'abc\n' })).runToken, 'abc');
  assert.deepEqual(keysOf({ RUN_TOKEN_FILE: '/t', RUN_TOKEN: 'abc' }, { '/t': 'abc' }), ['RUN_TOKEN_FILE']);
  assert.deepEqual(keysOf({ RUN_TOKEN_FILE: '/t' }), ['RUN_TOKEN_FILE']);
  assert.deepEqual(keysOf({ RUN_TOKEN_FILE: '/t' }, { '/t': '\n' }), ['RUN_TOKEN_FILE']);
});

test('reports carry REPORT_TOKEN, or RUN_TOKEN where that is all there is', () => {
  assert.equal(readConfig({ RUN_TOKEN: 'abc' }).reportToken, 'abc');
  const { runToken, reportToken } = readConfig({ REPORT_TOKEN: 'def' });
  assert.deepEqual([runToken, reportToken], [undefined, 'def']);
});

test('an empty RUN_TOKEN is refused instead of switching the check off', () => {
  assert.deepEqual(keysOf({ RUN_TOKEN: '' }), ['RUN_TOKEN']);
});

test('cron expressions are kept by suite name, and the time zone with them', () => {
  const config = readConfig(
    { SCHEDULE: '*/5 * * * *', SCHEDULE_HTTP_UPDATE: '0 3 * * *', TZ: 'Europe/Berlin' },
    host(),
  );
  assert.equal(config.schedule, '*/5 * * * *');
  assert.deepEqual(config.schedules, { http_update: '0 3 * * *' });
  assert.equal(config.timeZone, 'Europe/Berlin');
});

test('a cron expression that never fires again is a problem', () => {
  assert.deepEqual(keysOf({ SCHEDULE: '0 0 30 2 *' }), ['SCHEDULE']);
});

test('without a schedule nobody minds the time zone', () => {
  assert.equal(readConfig({ TZ: ':/etc/localtime' }, host()).timeZone, undefined);
});

test('one suite gets TEST_NAMESPACE as it is, several get one each, and {suite} is filled in', () => {
  const plain = { testNamespace: 'e2e' };
  assert.equal(namespaceOf(plain, 'http_update', 1), 'e2e');
  assert.equal(namespaceOf(plain, 'http_update', 10), 'e2e-http-update');
  const pattern = { testNamespace: 'a-{suite}-b' };
  assert.equal(namespaceOf(pattern, 'http_update', 1), 'a-http-update-b');
  assert.equal(namespaceOf(pattern, 'dns', 10), 'a-dns-b');
});

test('a namespace that grows longer than 63 characters with its suite is a problem', () => {
  const TEST_NAMESPACE = 'n'.repeat(58);
  assert.deepEqual(keysOf({ TEST_NAMESPACE, SUITES: 'dns,service' }), ['TEST_NAMESPACE']);
  assert.equal(readConfig({ TEST_NAMESPACE, SUITES: 'service' }, host()).testNamespace, TEST_NAMESPACE);
  const all = suiteProblems(readConfig({ TEST_NAMESPACE }, host()), ['dns', 'service']);
  assert.deepEqual(
    all.map(({ key }) => key),
    ['TEST_NAMESPACE'],
  );
});

test('SUITES takes words for several suites, alone and among names', () => {
  const chosen = (SUITES: string) => {
    const { suites, suiteGroup } = readConfig({ SUITES }, host());
    return [suites, suiteGroup];
  };
  assert.deepEqual(chosen(''), [undefined, undefined]);
  assert.deepEqual(chosen('http,dns,http'), [['http', 'dns'], undefined]);
  assert.deepEqual(chosen('All'), [undefined, 'all']);
  assert.deepEqual(chosen('default, exec'), [['exec'], 'default']);
  const problems = suiteProblems(readConfig({ SUITES: 'default,exce' }, host()), ['dns', 'exec']);
  assert.deepEqual(
    problems.map(({ key, value }) => [key, value]),
    [['SUITES', 'exce']],
  );
});

test('suites that are named are counted on, unless REQUIREMENTS says otherwise', () => {
  assert.equal(readConfig({ SUITES: 'dns' }, host()).areOptional, undefined);
  assert.equal(readConfig({ SUITES: 'dns', REQUIREMENTS: 'optional' }, host()).areOptional, true);
});

test('unknown suites are named with the known ones and the nearest', () => {
  const config = readConfig({ SUITES: 'http,dsn', SCHEDULE_SERVCE: '* * * * *' }, host());
  const problems = suiteProblems(config, ['dns', 'http', 'service']);
  assert.deepEqual(problems, [
    { key: 'SUITES', value: 'dsn', expected: 'a suite that exists, perhaps dns; there are dns, http, service' },
    {
      key: 'SCHEDULE_SERVCE',
      value: 'servce',
      expected: 'a suite that exists, perhaps service; there are dns, http, service',
    },
  ]);
});

test('a schedule for a suite that exists and is served elsewhere is fine', () => {
  const config = readConfig({ SUITES: 'dns', SCHEDULE_HTTP: '* * * * *' }, host());
  assert.deepEqual(suiteProblems(config, ['dns', 'http']), []);
});

test('every setting has a name, a description and an example that the parser takes', () => {
  for (const { name, example, description } of settings) {
    assert.ok(description.length > 5, name);
    if (name === 'RUN_TOKEN' || name === 'REPORT_TOKEN') continue;
    const key = name.replace('<SUITE>', 'DNS');
    const files = { './kubeconfig': '', '/etc/kube-e2etests/token': 'abc' };
    assert.doesNotThrow(() => readConfig({ KUBECONFIG: './kubeconfig', [key]: example }, host(files)), name);
  }
});

test('tolerations are read as JSON, or as taints are written', () => {
  const read = (TEST_TOLERATIONS: string) => readConfig({ CLUSTER: 'sandbox', TEST_TOLERATIONS }).testTolerations;
  assert.deepEqual(read('dedicated=apps:NoSchedule, gpu'), [
    { key: 'dedicated', operator: 'Equal', value: 'apps', effect: 'NoSchedule' },
    { key: 'gpu', operator: 'Exists' },
  ]);
  assert.deepEqual(read('[{"operator": "Exists"}]'), [{ operator: 'Exists' }]);
  for (const wrong of [
    '[{"key": "a", "operator": "In"}]',
    '[{}]',
    '{"key": "a"}',
    'a b=c',
    '[{"key": "a", "effect": "Never"}]',
    '[{"keys": "a"}]',
  ])
    assert.throws(() => read(wrong), /TEST_TOLERATIONS/, wrong);
});

test('TEST_LABELS cannot be labels that we know our own objects by', () => {
  for (const key of ['app.kubernetes.io/managed-by', 'kube-e2etests.io/run', 'app'])
    assert.throws(
      () => readConfig({ CLUSTER: 'sandbox', TEST_LABELS: JSON.stringify({ [key]: 'x' }) }),
      /TEST_LABELS/,
      key,
    );
});
