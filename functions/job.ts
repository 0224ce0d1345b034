import { defineSuite, job, makes } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Runs a Job of three pods, two at a time, to its end, reads what each wrote, and sees a failing Job give up',
  area: 'workloads',
  uses: [makes(job)],
  steps: [
    'Create Job',
    'Wait on completions',
    'Check pods at a time',
    'Validate pod logs',
    'Delete Job',
    'Check Job deleted',
    'Watch pod deletion',
    'Create failing Job',
    'Wait on its failure',
    'Check its retries',
  ],
  async run(t) {
    const line = `kube-e2etests: a job of run ${t.run.id}`;
    const work = await t.step('Create Job', () => t.use(job({ line, completions: 3, parallelism: 2 })));
    await t.step('Wait on completions', () => work.completed());
    await t.check('Check pods at a time', () => work.keptItsParallelism());
    await t.check('Validate pod logs', () => work.logsSayIt());
    await t.step('Delete Job', () => work.delete());
    await t.step('Check Job deleted', () => work.isGone());
    await t.step('Watch pod deletion', () => work.podsGone());
    const failing = await t.step('Create failing Job', () =>
      t.use(job({ as: 'failing', line, exitCode: 1, backoffLimit: 1 })),
    );
    await t.step('Wait on its failure', () => failing.failed());
    await t.check('Check its retries', () => failing.keptItsBackoffLimit());
  },
});
