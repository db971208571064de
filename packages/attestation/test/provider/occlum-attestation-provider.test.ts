import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import {
  type DeviceRequestName,
  deviceRequestName,
  EINVAL,
  encodeReport,
  encodeU32,
  IoctlDevice,
  parseQuoteRequest,
} from '../../src/device/index.ts';
import { OcclumAttestationProvider } from '../../src/provider/index.ts';
import { parseQuote } from '../../src/quote/parse-quote.ts';
import { testEvidence } from '../helpers/test-pki.ts';
import { reportBody } from '../helpers/test-quote.ts';

/** What the device answers: bytes, or null for EINVAL, the one errno it has. */
type Answer = (payload: Uint8Array, attempt: number) => Uint8Array | null;

const quoteOf = (reportData: Uint8Array, mrEnclave = reportBody().mrEnclave) =>
  testEvidence({ quote: { enclave: reportBody({ reportData, mrEnclave }) } }).quote;
const withSize = (quote: Uint8Array) => new Uint8Array([...encodeU32(quote.length), ...quote]);

const healthy: Partial<Record<DeviceRequestName, Answer>> = {
  createReport: () => encodeReport({ body: reportBody(), keyId: new Uint8Array(32), mac: new Uint8Array(16) }),
  detectDcapDriver: () => encodeU32(1),
  getDcapQuoteSize: () => encodeU32(16_384),
  generateDcapQuote: (payload) => withSize(quoteOf(parseQuoteRequest(payload).reportData)),
};

/** A provider over a device that answers so, with what was asked and how long was waited. */
function provider(answers: Partial<Record<DeviceRequestName, Answer>> = {}) {
  const asked: DeviceRequestName[] = [];
  const waited: number[] = [];
  let open = 0;
  let mostOpen = 0;
  const device = new IoctlDevice('hardware', {
    async ioctl(request, payload) {
      const name = deviceRequestName(request);
      if (name === undefined) throw new Error('the provider asked for something that does not exist');
      asked.push(name);
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      await new Promise(setImmediate);
      open -= 1;
      const answer = { ...healthy, ...answers }[name]?.(payload, asked.filter((other) => other === name).length);
      return answer ? { errno: 0, payload: answer } : { errno: EINVAL, payload: new Uint8Array() };
    },
    close: async () => undefined,
  });
  const wait = async (milliseconds: number) => void waited.push(milliseconds);
  const made = new OcclumAttestationProvider(device, { retries: { delays: [10, 20], wait } });
  return { made, asked, waited, mostOpen: () => mostOpen };
}

const reportData = new Uint8Array(64).fill(0xab);

describe('the attestation provider inside the enclave', () => {
  it('gives quotes with the report data that was asked for', async () => {
    const { made, waited } = provider();
    expect(parseQuote(await made.quote(reportData)).body.reportData).toEqual(reportData);
    expect((await made.selfReport()).body.mrEnclave).toEqual(reportBody().mrEnclave);
    expect(waited).toEqual([]);
  });

  it('looks for devices and service once, and for itself once', async () => {
    const { made, asked } = provider();
    await made.detect();
    await made.quote(reportData);
    await made.quote(reportData);
    expect(asked.filter((name) => name === 'detectDcapDriver')).toHaveLength(1);
    expect(asked.filter((name) => name === 'createReport')).toHaveLength(1);
  });

  it('makes one quote after the other, since the service answers BUSY to two at once', async () => {
    const { made, mostOpen } = provider();
    const all = Array.from({ length: 8 }, (_, i) => new Uint8Array(64).fill(i));
    const quotes = await Promise.all(all.map((data) => made.quote(data)));
    expect(quotes.map((quote) => parseQuote(quote).body.reportData[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(mostOpen()).toBe(1);
  });

  it('asks again when the service is busy', async () => {
    const { made, waited } = provider({
      generateDcapQuote: (payload, attempt) =>
        attempt < 3 ? null : withSize(quoteOf(parseQuoteRequest(payload).reportData)),
    });
    expect(parseQuote(await made.quote(reportData)).body.reportData).toEqual(reportData);
    expect(waited).toEqual([10, 20]);
  });

  it('says to look at the devices when the host has none', async () => {
    const { made, waited, asked } = provider({ detectDcapDriver: () => encodeU32(0) });
    const error = await thrownBy(() => made.quote(reportData));
    expect(error).toMatchObject({
      code: 'ERR_QUOTE_UNAVAILABLE',
      hint: expect.stringContaining('/dev/sgx_provision'),
    });
    expect(waited).toEqual([]);
    expect(asked).not.toContain('generateDcapQuote');
  });

  it('says to look at AESM and PCCS when the service does not start', async () => {
    const { made, waited } = provider({ getDcapQuoteSize: () => null });
    const error = await thrownBy(() => made.quote(reportData));
    const both = expect.stringMatching(/AESM.*sgx_default_qcnl\.conf/);
    expect(error).toMatchObject({ code: 'ERR_QUOTE_UNAVAILABLE', hint: both });
    expect(waited).toEqual([10, 20]);
  });

  it('says that the service is there when only the quote is refused, and finds out anew next time', async () => {
    let broken = true;
    const { made } = provider({
      generateDcapQuote: (payload) => (broken ? null : withSize(quoteOf(parseQuoteRequest(payload).reportData))),
    });
    expect((await thrownBy(() => made.quote(reportData))).code).toBe('ERR_QUOTE_UNAVAILABLE');
    broken = false;
    expect(parseQuote(await made.quote(reportData)).body.reportData).toEqual(reportData);
  });

  it.each<[string, Partial<Record<DeviceRequestName, Answer>>]>([
    ['of other report data', { generateDcapQuote: () => withSize(quoteOf(new Uint8Array(64))) }],
    [
      'of another enclave',
      {
        generateDcapQuote: (payload) =>
          withSize(quoteOf(parseQuoteRequest(payload).reportData, new Uint8Array(32).fill(1))),
      },
    ],
    ['of a TD', { generateDcapQuote: () => withSize(testEvidence({ kind: 'td10-v4' }).quote) }],
  ])('refuses a quote %s, whatever the host put in between', async (_, answers) => {
    const error = await thrownBy(() => provider(answers).made.quote(reportData));
    expect(error.code).toBe('ERR_DEVICE_PROTOCOL');
  });

  it('does not take other failures of the device for a busy service', async () => {
    const { made, waited } = provider({ generateDcapQuote: () => new Uint8Array(3) });
    expect((await thrownBy(() => made.quote(reportData))).code).toBe('ERR_DEVICE_PROTOCOL');
    expect(waited).toEqual([]);
  });

  it('refuses report data of another length before it asks', async () => {
    const { made, asked } = provider();
    expect((await thrownBy(async () => made.quote(new Uint8Array(32)))).code).toBe('ERR_DEVICE_STRUCT');
    expect(asked).toEqual([]);
  });
});
