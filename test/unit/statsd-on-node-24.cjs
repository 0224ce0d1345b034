/** statsd 0.9 still calls util.log, which Node 23 dropped. */
require('node:util').log = () => {};
