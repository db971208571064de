import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Collateral } from '@neo-service-layer/tee-interface';
import { signCrl, toPem } from '../der/certificate.ts';
import { authorityKeyIdentifier, crlNumber } from '../der/extensions.ts';
import { platformCaName, rootName, simulatedFmspc, simulatedPceId } from './names.ts';
import { dayMs, serialOf } from './pki.ts';
import { quotingEnclave } from './qe.ts';
import { rawSignature } from './quote.ts';
import type { CertifiedKey, PlatformState } from './state.ts';

/** How long collateral is valid, as Intel's is. */
const validDays = 30;

/**
 * The collateral that the simulated Intel publishes for a machine, freshly signed: TCB info v3 and QE identity v2 as
 * whole PCS answers, CRLs as DER, chains as PEM. Issued an hour before `now`, valid for 30 days. Collateral that has
 * expired is had by asking for it as of a past `now`.
 */
export function makeCollateral(state: PlatformState, now: Date): Collateral {
  const issued = new Date(now.getTime() - 3_600_000);
  const next = new Date(issued.getTime() + validDays * dayMs);
  const tcbChain = chainOf(state.tcbSigning, state.root);
  return {
    tcbInfo: signedAnswer('tcbInfo', tcbInfo(state, issued, next), state),
    tcbInfoIssuerChain: tcbChain,
    qeIdentity: signedAnswer('enclaveIdentity', qeIdentity(state, issued, next), state),
    qeIdentityIssuerChain: tcbChain,
    pckCrl: crl(state.platformCa, platformCaName, state.pckRevoked ? state.pck : null, issued, next),
    pckCrlIssuerChain: chainOf(state.platformCa, state.root),
    rootCaCrl: crl(state.root, rootName, state.platformCaRevoked ? state.platformCa : null, issued, next),
  };
}

function tcbInfo(state: PlatformState, issued: Date, next: Date): object {
  const components = [...Buffer.from(state.cpuSvn, 'hex')].map((svn) => ({ svn }));
  const tcbDate = state.tcbDate === undefined ? issued : new Date(state.tcbDate);
  return {
    id: 'SGX',
    version: 3,
    issueDate: isoSeconds(issued),
    nextUpdate: isoSeconds(next),
    fmspc: Buffer.from(simulatedFmspc).toString('hex'),
    pceId: Buffer.from(simulatedPceId).toString('hex'),
    tcbType: 0,
    tcbEvaluationDataNumber: state.tcbEvaluationDataNumber,
    tcbLevels: [
      level({ sgxtcbcomponents: components, pcesvn: state.pceSvn }, state.tcbStatus, tcbDate, state.advisoryIds),
      // Anything older, down to nothing, is out of date: a machine never falls out of the list.
      ...(state.pceSvn === 0 && components.every(({ svn }) => svn === 0)
        ? []
        : [level({ sgxtcbcomponents: components.map(() => ({ svn: 0 })), pcesvn: 0 }, 'OutOfDate', issued, [])]),
    ],
  };
}

function qeIdentity(state: PlatformState, issued: Date, next: Date): object {
  const qe = quotingEnclave(state.qeIsvSvn);
  return {
    id: 'QE',
    version: 2,
    issueDate: isoSeconds(issued),
    nextUpdate: isoSeconds(next),
    tcbEvaluationDataNumber: state.tcbEvaluationDataNumber,
    miscselect: '00000000',
    miscselectMask: 'FFFFFFFF',
    attributes: '11000000000000000000000000000000',
    // MODE64BIT and XFRM are left to the machine, as in Intel's.
    attributesMask: 'FBFFFFFFFFFFFFFF0000000000000000',
    mrsigner: Buffer.from(qe.mrSigner).toString('hex').toUpperCase(),
    isvprodid: qe.isvProdId,
    tcbLevels: [
      level({ isvsvn: state.qeIsvSvn }, state.qeTcbStatus, issued, []),
      ...(state.qeIsvSvn === 0 ? [] : [level({ isvsvn: 0 }, 'OutOfDate', issued, [])]),
    ],
  };
}

function level(tcb: object, tcbStatus: string, tcbDate: Date, advisoryIds: string[]): object {
  const date = `${tcbDate.toISOString().slice(0, 10)}T00:00:00Z`;
  return { tcb, tcbDate: date, tcbStatus, ...(advisoryIds.length === 0 ? {} : { advisoryIDs: advisoryIds }) };
}

/** The PCS answer: the document and its signature over exactly the bytes that stand in it. */
function signedAnswer(member: string, document: object, state: PlatformState): Uint8Array {
  const text = JSON.stringify(document);
  const signature = rawSignature(Buffer.from(text), createPrivateKey(state.tcbSigning.privateKey)).toString('hex');
  return new Uint8Array(Buffer.from(`{"${member}":${text},"signature":"${signature}"}`));
}

function chainOf(...chain: CertifiedKey[]): Uint8Array {
  const pem = chain.map((entry) => toPem('CERTIFICATE', Buffer.from(entry.certificate, 'base64')));
  return new Uint8Array(Buffer.from(pem.join('')));
}

function crl(
  ca: CertifiedKey,
  issuer: Parameters<typeof signCrl>[0]['issuer'],
  revoked: CertifiedKey | null,
  issued: Date,
  next: Date,
): Uint8Array {
  return new Uint8Array(
    signCrl(
      {
        issuer,
        thisUpdate: issued,
        nextUpdate: next,
        revoked: revoked === null ? [] : [{ serial: serialOf(revoked), at: issued }],
        extensions: [
          authorityKeyIdentifier(createPublicKey(ca.privateKey)),
          // Rises with time, as the numbers of a real list do.
          crlNumber(Math.floor(issued.getTime() / 1000)),
        ],
      },
      createPrivateKey(ca.privateKey),
    ),
  );
}

function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
