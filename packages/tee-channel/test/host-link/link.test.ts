import { connect } from 'node:net';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLinkFrame, type HostLink, type LinkFrame, LinkFrameReader } from '../../src/host-link/index.ts';
import { dialHost, listenForEnclave } from '../../src/host-link/node.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

async function linked(): Promise<{ host: HostLink; enclave: HostLink; close: () => void }> {
  const listener = await listenForEnclave('token');
  const [host, enclave] = await Promise.all([listener.accept(5000), dialHost(listener.address, 'token')]);
  return {
    host,
    enclave,
    close: () => {
      host.close();
      enclave.close();
      listener.close();
    },
  };
}

const frame: fc.Arbitrary<LinkFrame> = fc.oneof(
  fc.record({ type: fc.constant('call' as const), id: fc.nat(), name: fc.string(), body: fc.uint8Array() }),
  fc.record({ type: fc.constant('answer' as const), id: fc.nat(), body: fc.uint8Array() }),
  fc.record({ type: fc.constant('failure' as const), id: fc.nat(), code: fc.string(), message: fc.string() }),
  fc.record({ type: fc.constant('notice' as const), name: fc.string(), body: fc.uint8Array() }),
);

describe('frames', () => {
  it('come back from a stream cut at any places', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 40 })), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(encodeLinkFrame));
        const reader = new LinkFrameReader();
        const out: LinkFrame[] = [];
        let offset = 0;
        for (let i = 0; offset < stream.length; i += 1) {
          const end = offset + (cuts[i % Math.max(1, cuts.length)] ?? stream.length);
          out.push(...reader.push(stream.subarray(offset, end)));
          offset = end;
        }
        expect(out).toEqual(frames);
      }),
    );
  });

  it('are refused when malformed, or announced as too large before anything is stored', () => {
    for (const hex of ['ffffffff', '0000000100', '0000000181', '000000028105', '0000000482010203']) {
      const reader = new LinkFrameReader();
      expect(() => reader.push(new Uint8Array(Buffer.from(hex, 'hex')))).toThrow(
        expect.objectContaining({ code: 'ERR_LINK_PROTOCOL' }),
      );
    }
  });

  it('answer random bytes with frames or ERR_LINK_PROTOCOL', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
        try {
          new LinkFrameReader().push(input);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_LINK_PROTOCOL' });
        }
      }),
    );
  });
});

describe('the host link', () => {
  it('lets both ends call each other at once, with large bodies', async () => {
    const { host, enclave, close } = await linked();
    enclave.onCall(async (name, body) => bytes(`enclave ${name} ${body.length}`));
    host.onCall(async (name, body) => bytes(`host ${name} ${body.length}`));
    const answers = await Promise.all([
      host.call('a', new Uint8Array(3_000_000)),
      enclave.call('b', new Uint8Array(10)),
      host.call('c', new Uint8Array()),
    ]);
    expect(answers.map(text)).toEqual(['enclave a 3000000', 'host b 10', 'enclave c 0']);
    close();
  });

  it('carries notices after the first, which is the greeting', async () => {
    const { host, enclave, close } = await linked();
    const heard = new Promise<string>((resolve) => host.onNotice((name, body) => resolve(`${name}: ${text(body)}`)));
    enclave.notify('log', bytes('a line'));
    expect(await heard).toBe('log: a line');
    close();
  });

  it('carries the code of a typed failure, and nothing of any other', async () => {
    const { host, enclave, close } = await linked();
    const { TeeError } = await import('@neo-service-layer/tee-interface');
    enclave.onCall(async (name) => {
      throw name === 'typed' ? new TeeError('ERR_BUSY', 'later') : new Error('a secret path');
    });
    expect(await thrownBy(() => host.call('typed', bytes('')))).toMatchObject({ code: 'ERR_BUSY', message: 'later' });
    const hidden = await thrownBy(() => host.call('other', bytes('')));
    expect(hidden).toMatchObject({ code: 'ERR_INTERNAL' });
    expect(hidden.message).not.toContain('secret');
    close();
  });

  it('fails calls in flight at once when the other end goes', async () => {
    const { host, enclave, close } = await linked();
    enclave.onCall(() => new Promise(() => {}));
    const pending = host.call('never', bytes(''));
    enclave.close();
    expect((await thrownBy(() => pending)).code).toBe('ERR_LINK_CLOSED');
    expect((await thrownBy(() => host.call('after', bytes('')))).code).toBe('ERR_LINK_CLOSED');
    close();
  });

  it('is not given to a peer without the token, and still waits for the one with it', async () => {
    const listener = await listenForEnclave('token');
    const accepted = listener.accept(5000);
    const impostor = await dialHost(listener.address, 'wrong!');
    await new Promise<void>((resolve) => impostor.onClose(() => resolve()));
    const port = Number(listener.address.split(':')[1]);
    const noise = connect(port, '127.0.0.1');
    noise.on('error', () => {});
    noise.end('GET / HTTP/1.1\r\n\r\n');
    const enclave = await dialHost(listener.address, 'token');
    enclave.onCall(async () => bytes('here'));
    expect(text(await (await accepted).call('ping', bytes('')))).toBe('here');
    enclave.close();
    listener.close();
  });

  it('gives up waiting after its time', async () => {
    const listener = await listenForEnclave('token');
    expect((await thrownBy(() => listener.accept(50))).code).toBe('ERR_ENCLAVE_START');
    listener.close();
  });

  it('says when nobody listens', async () => {
    const listener = await listenForEnclave('token');
    listener.close();
    expect((await thrownBy(() => dialHost(listener.address, 'token'))).code).toBe('ERR_LINK_CLOSED');
  });
});
