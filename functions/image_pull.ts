import { defineSuite, imagePull, makes, pulledImage } from '../runtime/index.ts';

export default defineSuite({
  description: 'Has an image pulled anew on every node, and a tag of it that there is not: what the registry answers',
  area: 'nodes',
  uses: [makes(imagePull)],
  requires: [pulledImage()],
  steps: [
    'Create DaemonSet',
    'Wait on image pulled',
    'Check pull times',
    'Create DaemonSet of missing tag',
    'Check missing tag is refused',
    'Delete DaemonSets',
    'Check DaemonSets deleted',
  ],
  async run(t) {
    const pulls = await t.step('Create DaemonSet', () => t.use(imagePull()));
    await t.step('Wait on image pulled', () => pulls.pulled());
    await t.check('Check pull times', () => pulls.timed());
    const missing = await t.step('Create DaemonSet of missing tag', () => t.use(imagePull({ missing: true })));
    await t.check('Check missing tag is refused', () => missing.refused());
    await t.step('Delete DaemonSets', async () => {
      await pulls.delete();
      await missing.delete();
    });
    await t.step('Check DaemonSets deleted', async () => {
      await pulls.isGone();
      await missing.isGone();
      await pulls.podsGone();
      await missing.podsGone();
    });
  },
});
