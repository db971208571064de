import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Difference, differences } from './differences.ts';

const page = readFileSync(new URL('../../../../docs/sandbox.md', import.meta.url), 'utf8');

describe('the differences between the engines', () => {
  it.each(Object.values<Difference>(differences))('are told in docs/sandbox.md: $what', (difference) => {
    const { what, quickjs, isolate, why } = difference;
    expect(page.split('\n')).toContain(`| ${what} | ${quickjs} | ${isolate} | ${why} |`);
  });

  it('are no more than those', () => {
    const [, table = ''] = page.split('| | `quickjs-wasm` | `v8-isolate` | why |\n');
    const [rows = ''] = table.split('\n\n');
    expect(rows.split('\n').slice(1)).toHaveLength(Object.keys(differences).length);
  });
});
