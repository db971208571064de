import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicSha256 } from '../../src/crypto/digest.ts';

const moduleUrl = new URL('../../dist/crypto/digest.js', import.meta.url).href;
// What the enclave's Node 18 lacks is taken away before the module is loaded.
const withoutOneShot = `
  import crypto from 'node:crypto';
  import { syncBuiltinESMExports } from 'node:module';
  delete crypto.hash;
  syncBuiltinESMExports();
  const { publicSha256 } = await import(process.argv[1]);
  process.stdout.write(typeof crypto.hash + ' ' + Buffer.from(publicSha256(Buffer.from(process.argv[2], 'hex'))).toString('hex'));
`;

describe('SHA-256 in one call', () => {
  it('is SHA-256, of any length', () => {
    for (const length of [0, 1, 55, 56, 64, 1000]) {
      const bytes = randomBytes(length);
      expect(Buffer.from(publicSha256(bytes)).equals(createHash('sha256').update(bytes).digest())).toBe(true);
    }
  });

  it('is the same on a Node that has no such call', () => {
    const bytes = randomBytes(300);
    const args = ['--input-type=module', '-e', withoutOneShot, moduleUrl, bytes.toString('hex')];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const expected = createHash('sha256').update(bytes).digest('hex');
    expect({ stdout, stderr }).toEqual({ stdout: `undefined ${expected}`, stderr: '' });
  });
});
