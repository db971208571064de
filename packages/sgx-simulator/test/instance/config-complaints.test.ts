import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configComplaints } from '../../src/instance/config-complaints.ts';
import { parseSize } from '../../src/instance/size.ts';
import { templateConfig } from '../../src/instance/template.ts';

const withLimits = (limits: object) =>
  JSON.stringify({ ...templateConfig, resource_limits: { ...templateConfig.resource_limits, ...limits } });
const withRoot = (root: object) => JSON.stringify({ ...templateConfig, mount: [{ target: '/', ...root }] });

describe('what gen_internal_conf says of a configuration', () => {
  test('is nothing for the template, and for what it cannot read or does not check itself', () => {
    for (const text of [
      JSON.stringify(templateConfig),
      '',
      '{',
      'null',
      '[]',
      '7',
      withLimits({ max_num_of_threads: 'x' }),
    ]) {
      const complaints = configComplaints(text);
      expect(complaints).toEqual([]);
    }
  });

  test.each([
    ['user_space_size', '300'],
    ['kernel_space_heap_size', '1.5MB'],
    ['kernel_space_stack_size', '1mb'],
    ['user_space_max_size', '1GiB'],
  ])('names a wrong %s, %s', (name, value) => {
    expect(configComplaints(withLimits({ [name]: value }))).toEqual([`The ${name} "${value}" is not correct.`]);
  });

  test('names a root file system that is none', () => {
    expect(configComplaints(withRoot({ type: 'sefs' }))).toEqual([
      'Mount configuration invalid: Err("the root UnionFS is not valid")',
    ]);
    expect(configComplaints(withRoot({ type: 'unionfs' }))).toEqual([
      'Mount configuration invalid: Err("the root UnionFS must be given layers")',
    ]);
    expect(
      configComplaints(withRoot({ type: 'unionfs', options: { layers: [{ target: '/', type: 'sefs' }] } })),
    ).toEqual(['Mount configuration invalid: Err("the image SEFS in layers is not valid")']);
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        configComplaints(text);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(configComplaints(text)).toEqual([]);
      }),
    );
  });
});

test('a size is a whole number and a unit, in powers of 1024', () => {
  const units = { B: 0, KB: 1, MB: 2, GB: 3, TB: 4 };
  const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
  fc.assert(
    fc.property(fc.nat(), unit, fc.constantFrom('', ' ', '  '), (number, name, blank) => {
      expect(parseSize(`${number}${blank}${name}`)).toBe(number * 1024 ** units[name]);
    }),
  );
  for (const text of ['', '1', 'MB', '1 KiB', '-1MB', '1MB ', '0x1MB', '1.0GB']) expect(parseSize(text)).toBeNull();
});
