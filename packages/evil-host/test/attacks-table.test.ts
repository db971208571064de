import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attackSuite } from '../src/index.ts';

const root = new URL('../../../', import.meta.url);
const document = readFileSync(new URL('docs/attacks.md', root), 'utf8');
const suiteSource = readFileSync(new URL('./attack-suite.test.ts', import.meta.url), 'utf8');
const transport = {
  evidence: () => Promise.reject(new TypeError('not asked for')),
  exchange: () => Promise.reject(new TypeError('not asked for')),
  close: async () => {},
};
const connect = () => Promise.reject(new TypeError('not asked for'));
const suite = new Set(attackSuite({ transport, connect, stranger: transport }).map(({ name }) => name));

/** Rows of the tables, without their heads. */
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| attack |') && !line.startsWith('| gap |'))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );

const files = new Map<string, string>();
function textOf(path: string): string {
  const known = files.get(path);
  if (known !== undefined) return known;
  const url = new URL(path.startsWith('apps/') ? path : `packages/${path}`, root);
  const text = existsSync(url) ? readFileSync(url, 'utf8') : '';
  files.set(path, text);
  return text;
}

/** What a cell names: `suite: NAME (no DEFENCE)`, or `FILE: NAME`. */
function isThere(named: string): boolean {
  const [place = '', ...rest] = named.split(': ');
  const name = rest.join(': ');
  if (place !== 'suite') return [name, name.replaceAll("'", "\\'")].some((text) => textOf(place).includes(text));
  const [attack = '', without] = name.split(/ \((?=no )|\)$| \((?=nothing )/);
  if (!suite.has(attack)) return false;
  if (without === undefined || without === '') return true;
  return (
    suiteSource.includes(attack) && (without === 'nothing sealed' || suiteSource.includes(`'${without.slice(3)}'`))
  );
}

const isWords = (cell: string) => /^(in (that test|the first)|the same|–|denial of service|none)/.test(cell);

describe('the table of attacks', () => {
  it('names every attack of the suite', () => {
    for (const name of suite) expect(document).toContain(`suite: ${name}`);
  });

  it.each(rows.map((row) => [row[0] ?? '', row] as const))('%s: its tests exist', (_attack, row) => {
    const tests = row[1] ?? '';
    const counter = row.at(-1) ?? '';
    for (const named of tests.split(/; (?=suite: |[a-z-]+\/)/))
      expect({ named, isThere: isThere(named) }).toEqual({ named, isThere: true });
    if (!isWords(counter)) expect({ counter, isThere: isThere(counter) }).toEqual({ counter, isThere: true });
    if (counter.startsWith('the same')) {
      const [first = ''] = tests.split('; ');
      const named = `${first}${counter.slice('the same'.length)}`;
      expect({ named, isThere: isThere(named) }).toEqual({ named, isThere: true });
    }
  });
});
