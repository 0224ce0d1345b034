/** Tables in docs/ that tests produce. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** The text between the page's markers `<!-- name -->` and `<!-- /name -->`. */
export function tableIn(page: string, name: string): string {
  const text = readFileSync(join(root, page), 'utf8');
  const [, inside] = text.split(`<!-- ${name} -->\n`);
  const [found] = inside?.split(`<!-- /${name} -->`) ?? [];
  if (found === undefined) throw new Error(`${page} has no <!-- ${name} --> … <!-- /${name} -->`);
  return found;
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [head, head.map(() => '---'), ...rows].map(line).join('');
}

/** Writes what was measured into the page, where WRITE_TABLES is set; else leaves it as it is. */
export function table(page: string, name: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  if (!process.env.WRITE_TABLES) return;
  const path = join(root, page);
  const framed = (inside: string) => `<!-- ${name} -->\n${inside}<!-- /${name} -->`;
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replace(framed(tableIn(page, name)), () => framed(markdown(head, rows))),
  );
}
