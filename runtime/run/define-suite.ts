import type { SuiteDefinition } from '../model/suite.ts';

/** Declares a suite: the default export of a file in functions/. The step names are checked against `steps` by the compiler. */
export function defineSuite<const Step extends string>(definition: SuiteDefinition<Step>): SuiteDefinition<Step> {
  return Object.freeze(definition);
}
