import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConfigurationPlaces, readConfiguration } from '../../src/server/read-configuration.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'configuration-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = (places: Partial<ConfigurationPlaces> = {}) =>
  readConfiguration({ options: {}, env: {}, file: null, folder, ...places });

describe('the configuration of a host', () => {
  it('is whole without anything', () => {
    const { configuration, sources, file } = read();
    expect(configuration).toMatchObject({ port: 8080, host: '127.0.0.1', tls: null, corsOrigins: [] });
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
    expect(file).toBeNull();
  });

  it('takes options before the environment, before the file, and says which', async () => {
    await writeFile(join(folder, 'neo-tee.config.yaml'), 'port: 1000\nmaxConnections: 7\nlogLevel: info\n');
    const { configuration, sources } = read({
      env: { TEE_PORT: '2000', TEE_MAX_CONNECTIONS: '8' },
      options: { port: 3000 },
    });
    expect(configuration).toMatchObject({ port: 3000, maxConnections: 8, logLevel: 'info' });
    expect(sources).toMatchObject({ port: 'option', maxConnections: 'environment', logLevel: 'file', host: 'default' });
    await rm(join(folder, 'neo-tee.config.yaml'));
  });

  it('reads JSON too, and lists and TLS from the environment', async () => {
    await writeFile(join(folder, 'c.json'), '{"drainSeconds":3}');
    const env = {
      TEE_CORS_ORIGINS: 'https://a.example, https://b.example',
      TEE_TLS_CERT: 'c',
      TEE_TLS_KEY: 'k',
      TEE_TLS_KEY_PASSPHRASE: 'p',
    };
    const { configuration } = read({ file: join(folder, 'c.json'), env });
    expect(configuration).toMatchObject({
      drainSeconds: 3,
      corsOrigins: ['https://a.example', 'https://b.example'],
      tls: { certFile: 'c', keyFile: 'k', keyPassphrase: 'p' },
    });
  });

  it.each([
    ['a member that nobody knows', 'ports: 1'],
    ['a port out of range', 'port: 70000'],
    ['half of TLS', 'tls: { certFile: c }'],
    ['an origin that is none', 'corsOrigins: [nonsense]'],
    ['no members', '- 1'],
    ['no YAML', '{'],
  ])('is refused with %s, naming it and quoting no value', async (_what, text) => {
    await writeFile(join(folder, 'bad.yaml'), `${text}\n`);
    const error = await thrownBy(async () => read({ file: join(folder, 'bad.yaml') }));
    expect(error.code).toBe('ERR_INVALID_ARGUMENT');
  });

  it('is refused when the file that is named is not there', async () => {
    expect((await thrownBy(async () => read({ file: join(folder, 'none') }))).code).toBe('ERR_INVALID_ARGUMENT');
  });
});
