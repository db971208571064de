import { TeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { countArgument, jsonArgument } from '../../src/cli/arguments.ts';
import { errorDocument, errorLines, printable } from '../../src/cli/output.ts';
import { table } from '../../src/cli/table.ts';

describe('what the CLI prints', () => {
  it('holds no control characters from outside', () => {
    expect(printable('a\u001b[31mred\u0007\u202e\tb\n')).toBe('a\uFFFD[31mred\uFFFD\uFFFD\tb\n');
  });

  it('says what was wanted, what was found and what to do', () => {
    const error = new TeeError('ERR_BUSY', 'full', { expected: 'room', actual: 'none', hint: 'wait' });
    expect(errorLines(error)).toEqual(['ERR_BUSY: full', '  expected: room', '  found:    none', '  next:     wait']);
  });

  it('gives an unexpected error a code of its own', () => {
    expect(errorDocument(new Error('odd'))).toEqual({ code: 'ERR_INTERNAL', message: 'odd' });
    expect(errorDocument('odd')).toEqual({ code: 'ERR_INTERNAL', message: 'odd' });
  });

  it('aligns tables', () => {
    expect(
      table([
        ['a', 'b'],
        ['long', 'c'],
      ]),
    ).toEqual(['  a     b', '  long  c']);
  });
});

describe('arguments', () => {
  it('never quote a secret that is not JSON', async () => {
    const error = await thrownBy(() => jsonArgument('secrets', '{"key": "SEKRET-1234"', null));
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    expect(JSON.stringify(error)).not.toContain('SEKRET');
    expect(error.message).not.toContain('SEKRET');
  });

  it.each(['0', '-1', '1.5', '1e3', '', 'x', '99999999999999999999'])('refuse the count %j', async (text) => {
    expect((await thrownBy(() => countArgument('n', text))).code).toBe('ERR_INVALID_ARGUMENT');
  });
});
