/** The door: everything a suite may import. */
export { Defect, type FindingCode } from './findings.ts';
export type * from './model.ts';
export { defineSuite } from './suite.ts';
