import { defineSuite, job, makes, persistentVolumeClaim, storageClass } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Claims a volume, writes into it, expands it, reads it on another node where it may go there, and sees it go with its claim',
  area: 'storage',
  requires: [storageClass()],
  uses: [makes(persistentVolumeClaim, 'update'), makes(job)],
  // It is attached twice and detached twice, which takes a cloud a minute each time.
  timeout: 480,
  steps: [
    'Create PersistentVolumeClaim',
    'Create writing Job',
    'Wait on claim',
    'Wait on writing',
    'Delete writing Job',
    'Check writing Job deleted',
    'Watch writing pod go',
    'Expand PersistentVolumeClaim',
    'Create reading Job',
    'Wait on reading',
    'Check content',
    'Wait on expansion',
    'Delete reading Job',
    'Check reading Job deleted',
    'Watch reading pod go',
    'Delete PersistentVolumeClaim',
    'Check PersistentVolumeClaim deleted',
    'Check PersistentVolume deleted',
  ],
  async run(t) {
    const line = `kube-e2etests: a volume of run ${t.run.id}`;
    const claim = await t.step('Create PersistentVolumeClaim', () => t.use(persistentVolumeClaim()));
    // Before its volume is there: a class may make it for the node of the first pod.
    const writer = await t.step('Create writing Job', () =>
      t.use(job({ as: 'writer', line, volume: claim.writes(line) })),
    );
    await t.step('Wait on claim', () => claim.bound(writer));
    const written = await t.step('Wait on writing', async () => {
      await writer.completed();
      return claim.wrote(line, await writer.said());
    });
    await t.step('Delete writing Job', () => writer.delete());
    await t.step('Check writing Job deleted', () => writer.isGone());
    await t.step('Watch writing pod go', () => writer.podsGone());
    await t.check('Expand PersistentVolumeClaim', () => claim.expand());
    const reader = await t.step('Create reading Job', () =>
      t.use(job({ as: 'reader', line, volume: claim.reads(written) })),
    );
    await t.step('Wait on reading', () => reader.completed());
    await t.check('Check content', async () => claim.holds(line, written, await reader.said()));
    await t.check('Wait on expansion', () => claim.expanded());
    await t.step('Delete reading Job', () => reader.delete());
    await t.step('Check reading Job deleted', () => reader.isGone());
    await t.step('Watch reading pod go', () => reader.podsGone());
    await t.step('Delete PersistentVolumeClaim', () => claim.delete());
    await t.step('Check PersistentVolumeClaim deleted', () => claim.isGone());
    await t.step('Check PersistentVolume deleted', () => claim.volumeGone());
  },
});
