/** Finds and loads the suites of functions/ and of FUNCTIONS_DIR: the file name is the suite's name. */
import { existsSync, readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { extname, join, parse, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nearest } from '../config/nearest.ts';
import { type SuiteGroup, suiteGroups } from '../config/suite-choice.ts';
import { Defect } from '../defects.ts';
import type { Suite, SuiteDefinition, SuiteSettings } from '../model/suite.ts';
import { definitionProblems } from './definition.ts';
import { asSuite } from './described.ts';
import { describeOutside } from './outside.ts';

/** Suites that cannot be served, each with its file and what to do about it. */
export class SuitesError extends Error {
  override readonly name = 'SuitesError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

export interface LoadOptions {
  /** In the order wanted. */
  readonly names?: readonly string[];
  /** Besides, and by name: those that are on by default, or every one there is. Default: those on by default, where `names` is left out. */
  readonly group?: SuiteGroup;
  /** FUNCTIONS_DIR */
  readonly functionsDir?: string;
  /** For suites whose step names hold a setting. */
  readonly settings: SuiteSettings;
}

const nameSyntax = /^[a-z][a-z0-9_]*$/;

/** Beside this file in the bundle, two folders up in the checkout. */
const ownFolder = [new URL('./functions/', import.meta.url), new URL('../../functions/', import.meta.url)]
  .map((url) => fileURLToPath(url))
  .find((folder) => existsSync(folder));

/** Imports the suites asked for and nothing else. Throws a SuitesError that names every bad file. */
export async function loadSuites({
  names = [],
  group = names.length > 0 ? undefined : 'default',
  functionsDir,
  settings,
}: LoadOptions): Promise<readonly Suite[]> {
  const files = findSuites(functionsDir);
  const wanted = [...new Set([...names, ...(group ? files.keys() : [])])];
  const unknown = wanted.filter((name) => !files.has(name));
  if (unknown.length > 0) throw new SuitesError(unknown.map((name) => unknownSuite(name, [...files.keys()])));
  if (wanted.length === 0) throw new SuitesError(['No suite found: functions/ is empty']);

  const loaded = await Promise.all(
    wanted.map((name) => {
      const file = files.get(name) ?? '';
      return isOwn(file) ? loadFile(name, file, settings) : loadOutside(name, file, settings);
    }),
  );
  const problems = loaded.flatMap((outcome) => ('problems' in outcome ? outcome.problems : []));
  if (problems.length > 0) throw new SuitesError(problems);
  const isOn = ({ name, byDefault = true }: Suite) => names.includes(name) || group === 'all' || byDefault;
  return loaded.flatMap((outcome) => ('suite' in outcome && isOn(outcome.suite) ? [outcome.suite] : []));
}

/** Suite name → file, by name, without importing any. Throws a SuitesError. */
export function findSuites(functionsDir?: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const problems: string[] = [];
  for (const folder of [ownFolder, functionsDir && resolve(functionsDir)]) {
    if (!folder) continue;
    for (const file of listFolder(folder, problems)) {
      const { name } = parse(file);
      const other = found.get(name);
      if (!nameSyntax.test(name))
        problems.push(`${file}: rename it; a suite's name has lower-case letters, digits and underscores`);
      else if (suiteGroups.some((group) => group === name))
        problems.push(
          `${file}: rename it; ${name} in SUITES means ${name === 'all' ? 'every suite' : 'those on by default'}`,
        );
      else if (other) problems.push(`${file}: rename it; ${other} is suite ${name} already`);
      else found.set(name, file);
    }
  }
  if (problems.length > 0) throw new SuitesError(problems);
  return new Map([...found].sort(([a], [b]) => a.localeCompare(b)));
}

function unknownSuite(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `No suite ${name}${near ? `; perhaps ${near}` : ''}. There are ${known.join(', ')}`;
}

function listFolder(folder: string, problems: string[]): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && /\.(ts|js|mjs)$/.test(entry.name))
      .filter(({ name }) => !/^[._]|\.(d|test)\.\w+$/.test(name))
      .map(({ name }) => join(folder, name));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    problems.push(`FUNCTIONS_DIR ${folder} cannot be read (${reason}): set it to a folder with suites, or unset it`);
    return [];
  }
}

function isOwn(file: string): boolean {
  return ownFolder !== undefined && file.startsWith(ownFolder);
}

/** In a thread of its own. One that cannot be loaded to its end is a suite whose every run is errored: the others go on. */
async function loadOutside(
  name: string,
  file: string,
  settings: SuiteSettings,
): Promise<{ suite: Suite } | { problems: readonly string[] }> {
  const described = await describeOutside(name, file, settings);
  if ('problems' in described) return described;
  const step = 'Load the suite';
  const defect = (why: string) => new Defect('run.defect', `Suite ${name} (${file}) ${why}`);
  if ('suite' in described)
    return {
      suite: asSuite(described.suite, name, file, () => Promise.reject(defect('runs in a thread of its own only'))),
    };
  const run: Suite['run'] = (t) =>
    t.step(step, () => {
      throw defect(described.defect);
    });
  return {
    suite: Object.freeze({
      name,
      description: 'Cannot be loaded',
      steps: [step],
      uses: [],
      defect: defect(described.defect).message,
      run,
    }),
  };
}

/** Loads it in this very thread. */
export async function loadFile(
  name: string,
  file: string,
  settings: SuiteSettings,
): Promise<{ suite: Suite } | { problems: readonly string[] }> {
  openDoor();
  try {
    const { default: definition } = (await import(pathToFileURL(file).href)) as { default?: unknown };
    if (typeof definition !== 'object' || definition === null)
      return { problems: [`${file}: has no suite; write \`export default defineSuite({ … })\``] };
    const { steps, ...rest } = definition as SuiteDefinition;
    const resolved = { ...rest, steps: typeof steps === 'function' ? steps(settings) : steps };
    const problems = definitionProblems(resolved);
    if (problems.length > 0) return { problems: problems.map((problem) => `${file}: ${problem}`) };
    return { suite: Object.freeze({ ...resolved, name, run: rest.run.bind(definition) }) };
  } catch (error) {
    return { problems: [`${file}: cannot be loaded: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

let doorIsOpen = false;

/** Lets a suite from anywhere `import … from 'kube-e2etests'` and get this process's own door, in the checkout and in the bundle. */
function openDoor(): void {
  if (doorIsOpen) return;
  doorIsOpen = true;
  const door = new URL(extname(import.meta.url) === '.ts' ? '../index.ts' : './index.js', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'kube-e2etests' ? { url: door, shortCircuit: true } : next(specifier, context),
  });
}
