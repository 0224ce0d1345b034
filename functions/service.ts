import { defineSuite, makes, service } from '../runtime/index.ts';

export default defineSuite({
  description: 'Creates a service that selects no pod, reads its empty endpoints and deletes it',
  area: 'network',
  uses: [makes(service, 'endpoints')],
  steps: [
    'Create Service',
    'Check Service exists',
    'Read service endpoints (0)',
    'Delete Service',
    'Check Service deleted',
  ],
  async run(t) {
    const created = await t.step('Create Service', () => t.use(service()));
    await t.step('Check Service exists', () => created.exists());
    await t.check('Read service endpoints (0)', () => created.endpointsAre([]));
    await t.step('Delete Service', () => created.delete());
    await t.step('Check Service deleted', () => created.isGone());
  },
});
