import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thrownBy } from '@neo-service-layer/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type DeviceFrame,
  deviceRequestName,
  deviceRequests,
  EINVAL,
  encodeFrame,
  encodeKeyRequest,
  encodeU32,
  FrameReader,
  maxFramePayload,
} from '../../src/device/index.ts';
import { openSgxDevice } from '../../src/device/node.ts';

let folder: string;
let server: Server | undefined;
const sockets = new Set<Socket>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sgx-device-'));
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Serves a device that answers with what `answer` returns; undefined hangs up. */
function serve(answer: (frame: DeviceFrame) => Uint8Array | undefined): Promise<string> {
  const path = join(folder, 'sgx');
  const listening = createServer((socket) => {
    sockets.add(socket);
    const reader = new FrameReader();
    socket.on('data', (chunk) => {
      for (const frame of reader.push(chunk)) {
        const bytes = answer(frame);
        if (bytes === undefined) socket.destroy();
        else socket.write(bytes);
      }
    });
  });
  server = listening;
  return new Promise((resolve) => listening.listen(path, () => resolve(path)));
}

describe('the framing of the device socket', () => {
  test('gives back every frame, wherever the stream is cut', () => {
    const frame = fc.record({
      head: fc.integer({ min: 0, max: 0xffff_ffff }),
      payload: fc.uint8Array({ maxLength: 99 }),
    });
    fc.assert(
      fc.property(fc.array(frame), fc.integer({ min: 1, max: 64 }), (frames, step) => {
        const stream = Buffer.concat(frames.map(encodeFrame));
        const reader = new FrameReader();
        const found: DeviceFrame[] = [];
        for (let at = 0; at < stream.length; at += step) found.push(...reader.push(stream.subarray(at, at + step)));
        expect(found).toEqual(frames);
      }),
    );
  });

  test('refuses a length no device frame has', () => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(maxFramePayload + 1, 4);
    expect(() => new FrameReader().push(head)).toThrow(expect.objectContaining({ code: 'ERR_DEVICE_PROTOCOL' }));
    expect(() => encodeFrame({ head: 0, payload: new Uint8Array(maxFramePayload + 1) })).toThrow(
      expect.objectContaining({ code: 'ERR_DEVICE_PROTOCOL' }),
    );
  });

  test('knows twelve request numbers, each made of number, letter, size and direction', () => {
    const values = Object.values(deviceRequests);
    expect(values.map((value) => value & 0xff)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(values.every((value) => ((value >>> 8) & 0xff) === 's'.charCodeAt(0))).toBe(true);
    expect(deviceRequestName(deviceRequests.getKey)).toBe('getKey');
    expect(deviceRequestName(0x80047312)).toBeUndefined();
  });
});

describe('opening the device', () => {
  test('says when there is none, and when nobody serves it', async () => {
    expect((await thrownBy(() => openSgxDevice(join(folder, 'none')))).code).toBe('ERR_DEVICE_NOT_FOUND');
    const path = await serve(() => undefined);
    const closed = new Promise((resolve) => server?.once('close', resolve));
    server?.close();
    await closed;
    expect((await thrownBy(() => openSgxDevice(path))).code).toBe('ERR_DEVICE_NOT_FOUND');
  });

  test('refuses a character device and a plain file', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect((await thrownBy(() => openSgxDevice('/dev/null'))).code).toBe('ERR_DEVICE_UNSUPPORTED');
    expect((await thrownBy(() => openSgxDevice(join(folder, 'file')))).code).toBe('ERR_DEVICE_UNSUPPORTED');
  });

  test('carries requests in order and their answers back', async () => {
    const seen: DeviceFrame[] = [];
    const device = await openSgxDevice(
      await serve((frame) => {
        seen.push(frame);
        if (frame.head === deviceRequests.getKey) return encodeFrame({ head: 0, payload: frame.payload.slice(40, 56) });
        return encodeFrame({ head: 0, payload: encodeU32(frame.head === deviceRequests.detectDcapDriver ? 1 : 0) });
      }),
    );
    const request = encodeKeyRequest({
      keyName: 4,
      keyPolicy: 1,
      isvSvn: 0,
      cpuSvn: new Uint8Array(16),
      attributeMask: { flags: 0n, xfrm: 0n },
      keyId: new Uint8Array(32).fill(7),
      miscMask: 0,
      configSvn: 0,
    });
    const answers = await Promise.all([device.isEdmmSupported(), device.getKey(request), device.detectDcapDriver()]);
    expect(answers).toEqual([false, new Uint8Array(16).fill(7), true]);
    expect(device.kind).toBe('simulated');
    expect(seen[1]?.payload).toEqual(request);
    await device.close();
  });

  test('turns EINVAL, misshapen answers and a lost device into their codes', async () => {
    const refusing = await openSgxDevice(await serve(() => encodeFrame({ head: EINVAL, payload: new Uint8Array(0) })));
    expect((await thrownBy(() => refusing.selfTarget())).code).toBe('ERR_DEVICE_REFUSED');
    expect((await thrownBy(() => refusing.verifyReport(new Uint8Array(432)))).code).toBe('ERR_DEVICE_REFUSED');
    expect((await thrownBy(() => refusing.getKey(new Uint8Array(511)))).code).toBe('ERR_DEVICE_STRUCT');
    await refusing.close();
    await refusing.close();
    expect((await thrownBy(() => refusing.selfTarget())).code).toBe('ERR_DEVICE_CLOSED');
  });

  test('does not take an answer of the wrong length', async () => {
    const device = await openSgxDevice(await serve(() => encodeFrame({ head: 0, payload: new Uint8Array(15) })));
    expect((await thrownBy(() => device.selfTarget())).code).toBe('ERR_DEVICE_PROTOCOL');
    expect((await thrownBy(() => device.getKey(new Uint8Array(512)))).code).toBe('ERR_DEVICE_PROTOCOL');
    expect((await thrownBy(() => device.verifyReport(new Uint8Array(432)))).code).toBe('ERR_DEVICE_PROTOCOL');
    await device.close();
  });

  test('does not take a quote longer than the size announced, or cut short', async () => {
    const answers = [
      Buffer.concat([encodeU32(9), new Uint8Array(9)]),
      Buffer.concat([encodeU32(8), new Uint8Array(7)]),
      Buffer.concat([encodeU32(8), new Uint8Array(8).fill(5)]),
    ];
    const device = await openSgxDevice(
      await serve((frame) => {
        if (frame.head === deviceRequests.getDcapQuoteSize) return encodeFrame({ head: 0, payload: encodeU32(8) });
        return encodeFrame({ head: 0, payload: answers.shift() ?? new Uint8Array(0) });
      }),
    );
    const reportData = new Uint8Array(64);
    expect((await thrownBy(() => device.generateQuote(reportData))).code).toBe('ERR_DEVICE_PROTOCOL');
    expect((await thrownBy(() => device.generateQuote(reportData))).code).toBe('ERR_DEVICE_PROTOCOL');
    expect(await device.generateQuote(reportData)).toEqual(new Uint8Array(8).fill(5));
    await device.close();
  });

  test('fails open requests when the other end hangs up, and later ones too', async () => {
    const device = await openSgxDevice(await serve(() => undefined));
    expect((await thrownBy(() => device.selfTarget())).code).toBe('ERR_DEVICE_CLOSED');
    expect((await thrownBy(() => device.selfTarget())).code).toBe('ERR_DEVICE_CLOSED');
  });

  test('hangs up on an answer nobody asked for', async () => {
    const two = Buffer.concat([
      encodeFrame({ head: 0, payload: encodeU32(1) }),
      encodeFrame({ head: 0, payload: encodeU32(1) }),
    ]);
    const device = await openSgxDevice(await serve(() => two));
    expect(await device.isEdmmSupported()).toBe(true);
    expect((await thrownBy(() => device.isEdmmSupported())).code).toBe('ERR_DEVICE_PROTOCOL');
  });
});
