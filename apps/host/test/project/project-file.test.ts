import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFileName, projectOptions } from '../../src/project/project-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'project-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (text: string) => writeFile(join(folder, projectFileName), text);

describe('a project file', () => {
  it('names the enclave and the user for commands in its folder, with paths relative to it', async () => {
    const url = 'http://127.0.0.1:8080';
    await write(JSON.stringify({ url, policy: 'policy.json', userId: 'me', userKey: 'keys/me.pem' }));
    expect(projectOptions(folder)).toEqual({
      url,
      policy: join(folder, 'policy.json'),
      'user-id': 'me',
      'user-key': join(folder, 'keys/me.pem'),
    });
  });

  it('may be missing', () => {
    expect(projectOptions(folder)).toEqual({});
  });

  it.each([
    ['no JSON', '{'],
    ['no policy', '{"url":"http://localhost"}'],
    ['an unknown member', '{"url":"http://localhost","policy":"p","polcy":"q"}'],
    ['no address', '{"url":"localhost","policy":"p"}'],
  ])('is refused, not passed over, with %s', async (_what, text) => {
    await write(text);
    expect(await thrownBy(() => projectOptions(folder))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
  });
});
