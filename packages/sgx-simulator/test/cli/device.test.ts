import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifyQuote } from '@neo-service-layer/attestation';
import { requireOrSkip } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSimulatedCollateral, simulationRoot } from '../../src/platform/state-directory.ts';
import { gatherBinary } from '../support/gather-binary.ts';
import { SimWorld, userNamespacesWork } from '../support/sim.ts';

// A program of the image: it has nothing but node and speaks the socket's framing itself.
const program = `
const { connect } = require('node:net');
const reportData = Buffer.alloc(64, 0x5a);
const size = Buffer.alloc(4);
size.writeUInt32LE(60000);
const key = Buffer.alloc(512);
key.writeUInt16LE(4, 0);
key.writeUInt16LE(1, 2);
const requests = [[0xc0187308, Buffer.concat([reportData, size])], [0xc010730b, key]];
const socket = connect(process.env.OCCLUM_SIM_DEVICE || '/dev/sgx');
for (const [number, payload] of requests) {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(number, 0);
  head.writeUInt32LE(payload.length, 4);
  socket.write(Buffer.concat([head, payload]));
}
let answer = Buffer.alloc(0);
socket.on('data', (chunk) => {
  answer = Buffer.concat([answer, chunk]);
  if (answer.length < 8) return;
  const length = answer.readUInt32LE(4);
  if (answer.length < 8 + length + 8 + 16) return;
  const derived = answer.subarray(8 + length + 8).toString('hex');
  console.log(JSON.stringify({ quote: answer.subarray(12, 8 + length).toString('hex'), key: derived }));
  socket.destroy();
});
`;

let world: SimWorld;
let instance: string;

beforeAll(async () => {
  world = new SimWorld();
  instance = await world.instance('quoting');
  gatherBinary(process.execPath, join(instance, 'image'), '/bin/node');
  mkdirSync(join(instance, 'image/app'));
  writeFileSync(join(instance, 'image/app/quote.cjs'), program);
  const built = await world.sim(instance, ['build']);
  if (built.code !== 0) throw new Error(built.stderr);
});
afterAll(() => world.remove());

const rooted = requireOrSkip(userNamespacesWork(), 'user namespaces');

describe('node in a built image', () => {
  const results = new Map<string, { quote: string; key: string }>();

  const modes = [{ mode: 'un-rooted', flags: ['--no-rootfs'] }, ...(rooted ? [{ mode: 'rooted', flags: [] }] : [])];

  test.each(modes)(
    'gets a quote from /dev/sgx that verifies and names its MRENCLAVE, $mode',
    async ({ mode, flags }) => {
      const run = await world.sim(instance, ['run', ...flags, '/bin/node', '/app/quote.cjs']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      const answer: { quote: string; key: string } = JSON.parse(run.stdout);
      results.set(mode, answer);
      const platform = world.env['OCCLUM_SIM_PLATFORM'] ?? '';
      const now = new Date();
      const verification = await verifyQuote(
        Buffer.from(answer.quote, 'hex'),
        await readSimulatedCollateral(platform, now),
        {
          now: now.getTime() / 1000,
          trustAnchors: [await simulationRoot(platform)],
        },
      );
      expect(verification).toMatchObject({ ok: true, mode: 'simulation' });
      const measured = (await world.sim(instance, ['print', 'mrenclave'])).stdout.trim();
      expect(answer.quote.slice(2 * (48 + 64), 2 * (48 + 96))).toBe(measured);
    },
  );

  test.skipIf(!rooted)('derives the same key rooted and un-rooted: it is the same enclave', () => {
    expect(results.get('rooted')?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(results.get('rooted')?.key).toBe(results.get('un-rooted')?.key);
  });

  test('derives another key on another machine', async () => {
    const elsewhere = { OCCLUM_SIM_PLATFORM: join(world.folder, 'other-platform') };
    const run = await world.sim(instance, ['run', '--no-rootfs', '/bin/node', '/app/quote.cjs'], elsewhere);
    expect(JSON.parse(run.stdout).key).not.toBe(results.get('un-rooted')?.key);
    expect(existsSync(elsewhere.OCCLUM_SIM_PLATFORM)).toBe(true);
  });
});

test('the package ships the template key that the build falls back to', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(files).toContain('template');
  expect(readFileSync(join(root, 'template/Enclave.pem'), 'utf8')).toContain('PRIVATE KEY');
});
