import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framePage, hashPage } from '../../src/store/index-page.ts';
import { IndexPages } from '../../src/store/index-pages.ts';
import { MemoryBlobStore } from '../support/memory-blob-store.ts';

function leaf(path: string) {
  const page = framePage(path, 1);
  page.bytes[0] = 0;
  return { hash: hashPage(page), bytes: page.bytes };
}

describe('the pages of an index in memory', () => {
  it('are a bounded number, whatever is kept and forgotten', () => {
    const step = fc.record({ path: fc.integer({ min: 0, max: 30 }), what: fc.constantFrom('keep', 'use', 'forget') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 10 }), (steps, most) => {
        const pages = new IndexPages(new MemoryBlobStore(), 'x', most);
        const isThere = (path: string) => pages.cached(path, leaf(path).hash) !== null;
        for (const { path: number, what } of steps) {
          const path = number.toString(16);
          if (what === 'keep') {
            pages.remember(path, leaf(path));
            expect(isThere(path)).toBe(true);
          } else if (what === 'use') isThere(path);
          else {
            pages.forget(path);
            expect(isThere(path)).toBe(false);
          }
        }
        const kept = Array.from({ length: 31 }, (_, n) => n.toString(16)).filter(isThere);
        expect(kept.length).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('that are used stay, while others come and go', () => {
    const pages = new IndexPages(new MemoryBlobStore(), 'x', 8);
    pages.remember('', leaf(''));
    for (let n = 0; n < 100; n += 1) {
      expect(pages.cached('', leaf('').hash)).not.toBeNull();
      const path = n.toString(16);
      pages.remember(path, leaf(path));
    }
  });

  it('are only found by the hash that is asked for', () => {
    const pages = new IndexPages(new MemoryBlobStore(), 'x', 8);
    pages.remember('a', leaf('a'));
    expect(pages.cached('a', leaf('b').hash)).toBeNull();
  });
});
