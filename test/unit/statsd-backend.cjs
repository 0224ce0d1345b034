/** A backend of the statsd daemon: prints what it has understood at every flush, one JSON line each. */
exports.init = (_startup, _config, events) => {
  events.on('flush', (_at, { counters, timers, gauges }) => {
    process.stdout.write(`${JSON.stringify({ counters, timers, gauges })}\n`);
  });
  return true;
};
