import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  createRaTlsCertificate,
  type RaTlsDemands,
  verifyRaTlsCertificate,
} from '@neo-service-layer/attestation/ra-tls';
import { connectRaTls, createRaTlsServer } from '@neo-service-layer/attestation/ra-tls-node';
import { type SimulatedPlatform, writeSigstruct } from '@neo-service-layer/sgx-simulator';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer } from '../in-process/enclave.ts';

const key = signer();
const now = () => Date.now() / 1000;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const backend = new Uint8Array(32).fill(0xbb);
const frontend = new Uint8Array(32).fill(0xff);

let platform: SimulatedPlatform;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ platform, remove } = await machine());
});
afterAll(() => remove());

/** Starts an enclave with this measurement, which makes itself a certificate. */
async function identityOf(measurement: Uint8Array) {
  const everything = 0xffff_ffff_ffff_ffffn;
  const sigstruct = writeSigstruct(
    {
      enclaveHash: measurement,
      attributes: { flags: 4n, xfrm: 3n },
      attributeMask: { flags: everything, xfrm: 0n },
      miscSelect: 0,
      miscMask: 0xffff_ffff,
      isvProdId: 7,
      isvSvn: 1,
      isvFamilyId: new Uint8Array(16),
      isvExtProdId: new Uint8Array(16),
      date: 0x20261125,
    },
    key,
  );
  const device = platform.launch({ sigstruct, measurement }).device();
  const start = Math.floor(now());
  return createRaTlsCertificate({
    quoteFor: (reportData) => device.generateQuote(reportData),
    validity: { notBefore: start - 60, notAfter: start + 3600 },
    collateral: platform.collateral(new Date()),
  });
}

/** Demands of a party that has nothing but the root, and judges by what the certificate brings along. */
function demandsOn(measurement: Uint8Array, changes: Partial<RaTlsDemands['policy']> = {}): RaTlsDemands {
  return {
    policy: { mrEnclave: [hex(measurement)], isvProdId: 7, allowSimulation: true, ...changes },
    trustAnchors: [platform.rootCertificate],
    useEndorsements: true,
  };
}

describe('two simulated enclaves', () => {
  it('prove themselves to each other before a byte is passed, with collateral out of their certificates', async () => {
    const admitted: unknown[] = [];
    const server = createRaTlsServer({
      identity: await identityOf(backend),
      clients: { demands: demandsOn(frontend), now },
      onConnection: ({ socket, verdict }) => {
        admitted.push(verdict?.claims);
        socket.on('error', () => undefined);
        socket.pipe(socket);
      },
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const place = { host: '127.0.0.1', port, now };
    try {
      const identity = await identityOf(frontend);
      const { socket, verdict } = await connectRaTls({ ...place, demands: demandsOn(backend), identity });
      expect(verdict).toMatchObject({ ok: true, mode: 'simulation', claims: { mrEnclave: hex(backend) } });
      socket.write('between enclaves');
      expect(String((await once(socket, 'data'))[0])).toBe('between enclaves');
      expect(admitted).toMatchObject([{ mrEnclave: hex(frontend) }]);
      socket.destroy();

      const refused = await thrownBy(() => connectRaTls({ ...place, demands: demandsOn(frontend), identity }));
      expect(refused).toMatchObject({ code: 'ERR_EVIDENCE_REJECTED', details: { code: 'ERR_MRENCLAVE_MISMATCH' } });
    } finally {
      server.close();
    }
  });

  it('are nothing to a party that does not allow simulation, or that trusts Intel alone', async () => {
    const { certificateDer } = await identityOf(backend);
    const strict = await verifyRaTlsCertificate(certificateDer, {
      ...demandsOn(backend, { allowSimulation: false }),
      now: now(),
    });
    expect(strict).toMatchObject({ ok: false, error: { code: 'ERR_SIMULATION_NOT_ALLOWED' } });
    const intel = await verifyRaTlsCertificate(certificateDer, {
      ...demandsOn(backend),
      trustAnchors: undefined,
      now: now(),
    });
    expect(intel).toMatchObject({ ok: false, claims: null, raTls: null, error: { code: 'ERR_CERT_UNTRUSTED_ROOT' } });
  });
});
