import { defineSuite } from '../runtime/index.ts';

export default defineSuite({
  description: 'Resolves a name of the cluster from this very process, by every DNS server it knows',
  area: 'names',
  uses: [],
  steps: ({ dnsQueryName }) => [`Resolve ${dnsQueryName}`],
  async run(t) {
    const { dnsQueryName } = t.settings;
    await t.step(`Resolve ${dnsQueryName}`, () => t.dns.resolve(dnsQueryName));
  },
});
