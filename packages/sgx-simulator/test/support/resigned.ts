import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collateral } from '@neo-service-layer/tee-interface';
import { signCrl } from '../../src/der/certificate.ts';
import { authorityKeyIdentifier, crlNumber } from '../../src/der/extensions.ts';
import { platformCaName, rootName } from '../../src/platform/names.ts';
import { rawSignature } from '../../src/platform/quote.ts';
import { parseState } from '../../src/platform/state.ts';

/** The keys of the simulated Intel of a machine, from its state folder: what only Intel could sign, tests can. */
function keysOf(stateDir: string) {
  const state = parseState(readFileSync(join(stateDir, 'platform.json'), 'utf8'));
  return { tcbSigning: state.tcbSigning.privateKey, root: state.root.privateKey, ca: state.platformCa.privateKey };
}

/** The collateral with one signed document edited as text, and signed again by whom it should be. */
export function withDocument(
  stateDir: string,
  collateral: Collateral,
  part: 'tcbInfo' | 'qeIdentity',
  edit: (text: string) => string,
): Collateral {
  const member = part === 'tcbInfo' ? 'tcbInfo' : 'enclaveIdentity';
  const whole = Buffer.from(collateral[part]).toString();
  const text = edit(whole.slice(`{"${member}":`.length, whole.lastIndexOf(',"signature"')));
  const signature = rawSignature(Buffer.from(text), createPrivateKey(keysOf(stateDir).tcbSigning)).toString('hex');
  return { ...collateral, [part]: new Uint8Array(Buffer.from(`{"${member}":${text},"signature":"${signature}"}`)) };
}

/** An empty revocation list for the PCK CA's place, signed by `key` and in the name of `issuer`. */
export function revocationList(stateDir: string, key: 'root' | 'ca', issuer: 'root' | 'ca', now: Date): Uint8Array {
  const privateKey = createPrivateKey(keysOf(stateDir)[key]);
  const day = 86_400_000;
  return new Uint8Array(
    signCrl(
      {
        issuer: issuer === 'root' ? rootName : platformCaName,
        thisUpdate: new Date(now.getTime() - day),
        nextUpdate: new Date(now.getTime() + day),
        revoked: [],
        extensions: [authorityKeyIdentifier(createPublicKey(privateKey)), crlNumber(1)],
      },
      privateKey,
    ),
  );
}
