import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeFaults, type FaultName, faultRules } from '../../src/faults/fault-list.ts';
import { currentFaults, parseFaults } from '../../src/faults/faults.ts';

const names = Object.keys(faultRules) as FaultName[];
const values: Partial<Record<string, string>> = { step: 'sign', seconds: '0.5', code: '0x1003' };

const fault = fc.constantFrom(...names).map((name) => {
  const rule = faultRules[name];
  const value = 'value' in rule ? (values[rule.value.name] ?? '') : '';
  return [name, value] as const;
});

describe('a list of faults', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.array(fault), (list) => {
        const text = list.map(([name, value]) => (value === '' ? name : `${name}=${value}`)).join(',');
        expect(parseFaults(text)).toEqual(new Map(list));
      }),
    );
  });

  test('never throws, and says what is wrong with it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parseFaults(text);
        if ('wrong' in read) expect(read.wrong).not.toBe('');
        else expect([...read.keys()].every((name) => names.includes(name))).toBe(true);
      }),
    );
    for (const text of [
      'no-such',
      'toString',
      'no-device=1',
      'build-killed=nowhere',
      'slow-start=soon',
      'sgx-error=7',
    ]) {
      expect(parseFaults(text)).toHaveProperty('wrong');
    }
  });

  test('gives a value to a fault that was named without', () => {
    expect(parseFaults('build-killed')).toEqual(new Map([['build-killed', 'image']]));
  });

  test('is empty in an environment that has none, or a wrong one', () => {
    expect(currentFaults({}).size).toBe(0);
    expect(currentFaults({ OCCLUM_SIM_FAULTS: 'nonsense' }).size).toBe(0);
    expect(currentFaults({ OCCLUM_SIM_FAULTS: 'no-device' }).has('no-device')).toBe(true);
  });
});

test('the printed list names every fault', () => {
  const lines = describeFaults().split('\n');
  for (const name of names) expect(lines.some((line) => line.startsWith(name))).toBe(true);
});
