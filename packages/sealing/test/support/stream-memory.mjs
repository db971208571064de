// Sends MiB of data (first argument) through sealing and opening and says by how much the process grew meanwhile.
import { createHmac } from 'node:crypto';
import { BlobSealer, DeviceKeys } from '../../dist/index.js';

const total = Number(process.argv[2]) * 1024 * 1024;
const identity = {
  mrEnclave: 'aa'.repeat(32),
  mrSigner: 'bb'.repeat(32),
  cpuSvn: new Uint8Array(16),
  isvSvn: 1,
  configSvn: 0,
};
const getKey = async ({ keyId }) => createHmac('sha256', 'fuse').update(keyId).digest().subarray(0, 16);
const sealer = new BlobSealer(new DeviceKeys({ identity, getKey }).withPolicy('enclave'));

async function run(length) {
  const piece = new Uint8Array(100_000).fill(5);
  let sent = 0;
  const input = new ReadableStream({
    pull(controller) {
      const next = piece.subarray(0, Math.min(piece.length, length - sent));
      sent += next.length;
      if (next.length > 0) controller.enqueue(next);
      else controller.close();
    },
  });
  let received = 0;
  let peak = 0;
  for await (const chunk of input.pipeThrough(sealer.sealStream()).pipeThrough(sealer.openStream())) {
    if (chunk[0] !== 5 || chunk[chunk.length - 1] !== 5) throw new Error('other bytes came out');
    received += chunk.length;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  return { received, peak };
}

// What the code itself takes is no part of it.
await run(8 * 1024 * 1024);
const before = process.memoryUsage.rss();
const { received, peak } = await run(total);
process.stdout.write(JSON.stringify({ bytes: received, extraMiB: (peak - before) / 1024 / 1024 }));
