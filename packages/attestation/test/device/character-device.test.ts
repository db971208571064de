import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireOrSkip } from '@neo-service-layer/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const hasGcc = requireOrSkip(
  process.platform === 'linux' && process.arch === 'x64' && spawnSync('gcc', ['--version']).status === 0,
  'gcc',
);
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const data = '5a'.repeat(64);

interface Outcome {
  value?: unknown;
  code?: string;
  actual?: string;
  hint?: string;
}

// The device is /dev/zero, which is a character device everywhere; the stand-in takes over what is opened there.
describe.skipIf(!hasGcc)(hasGcc ? 'a character device' : 'a character device (skipped: no gcc)', () => {
  let folder: string;
  let addon: string;
  let log: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sgx-ioctl-'));
    addon = join(folder, 'sgx-ioctl.node');
    log = join(folder, 'log');
    const strict = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-O2', '-shared', '-fPIC', '-o'];
    execFileSync('gcc', [...strict, addon, here('../../native/sgx-ioctl.c')]);
    execFileSync('gcc', [...strict, join(folder, 'standin.so'), here('native/device-standin.c'), '-ldl']);
  }, 60_000);
  beforeEach(() => writeFileSync(log, ''));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function drive(steps: unknown[], environment: Record<string, string> = {}, helper = addon): Outcome[] {
    const driver = fileURLToPath(new URL('./native/drive-device.mjs', import.meta.url));
    const result = spawnSync(process.execPath, [driver, helper, JSON.stringify(steps)], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        LD_PRELOAD: join(folder, 'standin.so'),
        STANDIN_PATH: '/dev/zero',
        STANDIN_LOG: log,
        ...environment,
      },
    });
    expect(result.stderr).toBe('');
    return JSON.parse(result.stdout);
  }
  const logged = () => readFileSync(log, 'utf8').trim().split('\n');

  test('is asked with the numbers, sizes, pointers and alignment that Occlum documents, and opened read-only', () => {
    const outcomes = drive([
      ['isEdmmSupported'],
      ['selfTarget'],
      ['createReport'],
      ['createReport', { target: '33'.repeat(512), data }],
      ['createReport', { data }],
      ['verifyReport', '44'.repeat(432)],
      ['detectDcapDriver'],
      ['quoteSize'],
      ['getKey', '01'.repeat(512)],
    ]);
    const report = (rest: string) => `${'44'.repeat(320)}${rest}${'44'.repeat(48)}`;
    // Each byte of the key is the xor over i of 1 + i for its 32 rows of 16 bytes.
    const folded = Array.from({ length: 32 }, (_, row) => row + 1).reduce((sum, next) => sum ^ next, 0);
    expect(outcomes.map(({ value, code }) => value ?? code ?? null)).toEqual([
      'hardware',
      true,
      '33'.repeat(512),
      report('00'.repeat(64)),
      report(data),
      report(data),
      null,
      true,
      600,
      folded.toString(16).padStart(2, '0').repeat(16),
      'ERR_DEVICE_CLOSED',
    ]);
    expect(logged()).toEqual([
      'open read-only',
      'ioctl 0x80047300',
      'ioctl 0x82007303',
      'ioctl 0xc0187304',
      'report for nobody with no data',
      'ioctl 0xc0187304',
      'report for a target with data',
      'ioctl 0xc0187304',
      'report for nobody with data',
      'ioctl 0x41b07305',
      'ioctl 0x80047306',
      'ioctl 0x80047307',
      'ioctl 0xc010730b',
    ]);
  });

  test('gives quotes with the report data in them, also ones that are shorter than was announced', () => {
    const quote = `${'88'.repeat(368)}${data}${'88'.repeat(600 - 432)}`;
    expect(drive([['generateQuote', data]])[1]?.value).toBe(quote);
    const shorter = drive([['generateQuote', data]], { STANDIN_QUOTE_LENGTH: '500' });
    expect(shorter[1]?.value).toBe(quote.slice(0, 1000));
    expect(logged().filter((line) => line.startsWith('violation'))).toEqual([]);
  });

  test('is not believed a quote that is empty or longer than the room for it, nor an absurd size', () => {
    for (const length of ['0', '601', '0xffffffff']) {
      expect(drive([['generateQuote', data]], { STANDIN_QUOTE_LENGTH: length })[1]?.code).toBe('ERR_DEVICE_PROTOCOL');
    }
    for (const size of ['0', '0x7fffffff']) {
      expect(drive([['generateQuote', data]], { STANDIN_QUOTE_SIZE: size })[1]?.code).toBe('ERR_DEVICE_PROTOCOL');
    }
  });

  test('refuses a buffer that is too small for the quote', () => {
    expect(drive([['smallQuote', data, 100]])[1]?.value).toBe(22);
  });

  test.each([
    ['selfTarget', 3, []],
    ['createReport', 4, []],
    ['verifyReport', 5, ['44'.repeat(432)]],
    ['detectDcapDriver', 6, []],
    ['quoteSize', 7, []],
    ['generateQuote', 8, [data]],
    ['getKey', 11, ['01'.repeat(512)]],
  ])('that answers %s with an error is a typed error that names it and says what to do', (name, nr, rest) => {
    for (const errno of [22, 16, 25, 5]) {
      const [, outcome] = drive([[name, ...rest]], { [`STANDIN_ERRNO_${nr}`]: String(errno) });
      expect(outcome?.code).toBe('ERR_DEVICE_REFUSED');
      expect(outcome?.actual).toContain(`errno ${errno}`);
      expect(outcome?.hint).toMatch(/\w/);
    }
  });

  test('is not asked what enclaves of ours have no business with', () => {
    expect(drive([['verifyDcapQuote']])[1]?.code).toBe('ERR_DEVICE_UNSUPPORTED');
    expect(logged().filter((line) => line.startsWith('ioctl'))).toEqual([]);
  });

  test('leaves the event loop free while it makes a quote', () => {
    const [, ticks] = drive([['ticksWhileQuoting', data]], { STANDIN_QUOTE_MICROSECONDS: '500000' });
    expect(ticks?.value).toBeGreaterThan(1);
  });

  test('without its native helper, or with something else there, is an error that says how to make one', () => {
    for (const helper of [join(folder, 'none.node'), join(folder, 'standin.so')]) {
      const [outcome] = drive([], {}, helper);
      expect(outcome?.code).toBe('ERR_DEVICE_UNSUPPORTED');
      expect(outcome?.hint).toContain('gcc');
    }
  });

  test('is closed to a real device that knows no such request', () => {
    const [kind, outcome] = drive([['selfTarget']], { STANDIN_PATH: '/dev/zero', LD_PRELOAD: '' });
    expect(kind?.value).toBe('hardware');
    expect(outcome).toMatchObject({ code: 'ERR_DEVICE_REFUSED', actual: expect.stringContaining('errno 25') });
  });
});
