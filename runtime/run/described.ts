/** What a thread says of the suite that it has loaded: data, without what only the thread can do. */
import type { Requirement, Suite } from '../model/suite.ts';
import { asData } from '../uses.ts';

export interface Described extends Pick<Suite, 'description' | 'area' | 'byDefault' | 'steps' | 'uses' | 'timeout'> {
  readonly requires?: readonly Pick<Requirement, 'name' | 'grants'>[];
}

export function describedOf({ description, area, byDefault, steps, uses, requires, timeout }: Suite): Described {
  return {
    description,
    steps,
    uses: asData(uses),
    ...(area !== undefined && { area }),
    ...(byDefault !== undefined && { byDefault }),
    ...(requires && { requires: requires.map(({ name, grants }) => ({ name, ...(grants && { grants }) })) }),
    ...(timeout !== undefined && { timeout }),
  };
}

/** `refuse`: what there is in this thread of what the other can do. */
export function asSuite(
  { requires, ...suite }: Described,
  name: string,
  file: string,
  refuse: () => Promise<never>,
): Suite {
  const asked = requires?.map((one) => ({ ...one, unmet: refuse }));
  return Object.freeze({ ...suite, name, file, ...(asked && { requires: asked }), run: refuse });
}
