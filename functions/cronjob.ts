import { cronJob, defineSuite, keeps, servedApi } from '../runtime/index.ts';

export default defineSuite({
  description:
    'Lets a suspended CronJob fire, sees its Job end, suspends it again, and sees that it did nothing between the runs',
  area: 'workloads',
  requires: [servedApi('batch/v1', 'cronjobs')],
  uses: [keeps(cronJob, 'update')],
  // The next full minute may be a minute away.
  timeout: 300,
  steps: [
    'Ensure CronJob',
    'Check suspended did not fire',
    'Resume CronJob',
    'Wait on Job',
    'Suspend CronJob',
    'Wait on completion',
    'Check it fired once',
  ],
  async run(t) {
    const clock = await t.step('Ensure CronJob', () => t.ensure(cronJob()));
    await t.check('Check suspended did not fire', () => clock.restedWhileSuspended());
    await t.step('Resume CronJob', () => clock.resume());
    // Soft: whatever comes of it, it is suspended again.
    await t.check('Wait on Job', () => clock.fired());
    await t.step('Suspend CronJob', () => clock.suspend());
    await t.step('Wait on completion', () => clock.completed());
    await t.check('Check it fired once', () => clock.firedOnce());
  },
});
