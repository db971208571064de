import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differs } from '../conformance/differences.ts';
import { onEveryEngine } from '../engines.ts';
import { callOf, resultOf, sandbox } from '../sandbox.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine });
  const run = (code: string, input: string[] | null = null) => resultOf(execution, code, { input });

  const parts = `({ href, origin, protocol, username, password, host, hostname, port, pathname, search, hash, searchParams }) =>
  ({ href, origin, protocol, username, password, host, hostname, port, pathname, search, hash, pairs: [...searchParams] })`;
  const program = `const parts = ${parts};
function main([url, base]) {
  try { return parts(new URL(url, base)); } catch (error) { return error instanceof TypeError ? 'TypeError' : 'other'; }
}`;
  const partsHere = (url: string, base?: string) => {
    if (!URL.canParse(url, base)) return 'TypeError';
    const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash, searchParams } =
      new URL(url, base);
    return {
      href,
      origin,
      protocol,
      username,
      password,
      host,
      hostname,
      port,
      pathname,
      search,
      hash,
      pairs: [...searchParams],
    };
  };

  describe('URL', () => {
    it.each([
      [['https://user:pa ss@EXAMPLE.org:443/a/../b?x=1&y=ä#h']],
      [['../c?d', 'http://a/b/x/y']],
      [['http://bücher.example/']],
      [['http://[::1]:80/']],
      [['data:text/plain,x']],
      [['//x', 'nonsense']],
      [['http://a b/']],
      [['']],
    ])('reads %j as Node does', async ([url = '', base]) => {
      expect(await run(program, base === undefined ? [url] : [url, base])).toEqual(partsHere(url, base));
    });

    it('does so for any text', async () => {
      const piece = fc.constantFrom(
        'http:',
        '//',
        '/',
        '\\',
        '@',
        ':',
        '?',
        '#',
        '%',
        '%2e',
        '..',
        'a',
        '8',
        'ß',
        '\u0000',
        '[',
        ']',
        '&',
        '=',
        ' ',
        '\ud800',
      );
      const text = fc.array(piece, { maxLength: 10 }).map((list) => list.join(''));
      await fc.assert(
        fc.asyncProperty(text, async (url) => {
          expect(await run(program, [url, 'http://base.example/d/e'])).toEqual(
            partsHere(url, 'http://base.example/d/e'),
          );
        }),
        { numRuns: 150 },
      );
    });

    it('can be changed, the query by name too', async () => {
      const code = `function main() {
      const url = new URL('http://a.example/p?x=1');
      url.searchParams.append('y', 'ä b');
      url.host = 'b.example:81';
      url.hash = 'h';
      const first = String(url);
      url.search = '?z=2';
      return [first, url.searchParams.get('z'), JSON.stringify({ url }), URL.canParse('x'), URL.parse('x'), url instanceof URL];
    }`;
      const changed = 'http://b.example:81/p?x=1&y=%C3%A4+b#h';
      const last = '{"url":"http://b.example:81/p?z=2#h"}';
      expect(await run(code)).toEqual([changed, '2', last, false, null, true]);
    });

    it('is refused when it is too long, and costs gas', async () => {
      const error = await thrownBy(() => run(`const main = () => new URL('http://a/' + 'b'.repeat(70000));`));
      expect(error).toMatchObject({ code: 'ERR_JS_USER', details: { name: 'RangeError' } });
      const { gasUsed } = await execution.executeJavaScript(callOf(`const main = () => new URL('http://a/').href;`));
      expect(gasUsed > 5_000).toBe(!differs(engine, 'gas'));
    });
  });

  describe('URLSearchParams', () => {
    it('does what that of Node does', async () => {
      const body = `
      const p = new URLSearchParams('?a=1&b=2&a=3&c=%20+');
      p.append('d', 'é&'); p.set('a', 'x'); p.delete('b'); p.append('b', '9'); p.append('b', '8'); p.delete('b', '9');
      const each = []; p.forEach((value, name) => each.push(name + '=' + value));
      const sorted = new URLSearchParams([['z', '1'], ['a', '2'], ['z', '0']]); sorted.sort();
      return [String(p), p.get('c'), p.getAll('a'), p.has('q'), p.has('a', 'x'), p.size, each, [...p.keys()], [...p.values()],
        String(sorted), String(new URLSearchParams({ k: 'v w' })), p.get('none')];`;
      expect(await run(`function main() {${body}}`)).toEqual(new Function(body)());
    });
  });
});
