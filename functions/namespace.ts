import { defineSuite, makes, namespace } from '../runtime/index.ts';

export default defineSuite({
  description: 'Creates a namespace, finds it empty, deletes it and waits until it is gone',
  area: 'control plane',
  uses: [makes(namespace)],
  steps: [
    'Create Namespace',
    'Check Namespace exists',
    'Check namespace empty',
    'Delete Namespace',
    'Check Namespace deleted',
  ],
  async run(t) {
    const created = await t.step('Create Namespace', () => t.use(namespace()));
    await t.step('Check Namespace exists', () => created.exists());
    await t.check('Check namespace empty', () => created.isEmpty());
    await t.step('Delete Namespace', () => created.delete());
    await t.step('Check Namespace deleted', () => created.isGone());
  },
});
