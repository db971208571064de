/**
 * Why a blob could not be opened, in words. Until the key commitment was checked the header is the blob's own claim, so
 * what an error says about the sealer is reported as that; the class of the error is exact.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import type { DeviceRecipient } from '../format/header.ts';
import type { SealKeySource } from '../keys/key-source.ts';

type Identity = SealKeySource['identity'];

/** The CPU derived a key, and it is not the one that sealed. `details.reason` is `mr-enclave`, `mr-signer` or `cpu-or-mode`. */
export function keyMismatch(sealed: DeviceRecipient, running: Identity): TeeError {
  const { reason, message, hint } = explain(sealed, running);
  return new TeeError('ERR_SEAL_KEY_MISMATCH', `This enclave cannot derive the key: ${message}`, {
    expected: `sealed to ${sealed.policy} (by MRENCLAVE ${sealed.mrEnclave}, MRSIGNER ${sealed.mrSigner}, as the blob says)`,
    actual: `running MRENCLAVE ${running.mrEnclave}, MRSIGNER ${running.mrSigner}`,
    hint,
    details: { reason, policy: sealed.policy, sealedBy: sealed.mrEnclave, running: running.mrEnclave },
  });
}

/** The blob wants a key of another kind, or of another keyring. */
export function otherRecipient(running: string, sealed: string): TeeError {
  return new TeeError('ERR_SEAL_KEY_MISMATCH', 'The data was sealed under a key that is not here.', {
    expected: `sealed under ${sealed} (as the blob says)`,
    actual: `opened with ${running}`,
    hint: 'Open it with the keyring that sealed it; keys of one keyring never open blobs of another.',
    details: { reason: 'keyring' },
  });
}

/** The CPU refused to derive a key of the recorded versions. */
export function svnTooNew(sealed: DeviceRecipient, running: Identity): TeeError {
  return new TeeError('ERR_SEAL_SVN_TOO_NEW', 'The data was sealed at a newer security version than the one running.', {
    expected: `isvSvn at least ${sealed.isvSvn} and a CPUSVN that covers ${Buffer.from(sealed.cpuSvn).toString('hex')}`,
    actual: `isvSvn ${running.isvSvn}, CPUSVN ${Buffer.from(running.cpuSvn).toString('hex')}`,
    hint: 'Run the newer enclave, or bring the machine back to its newer microcode.',
  });
}

/** The security version that sealed is not accepted any more. */
export function svnBelowFloor(expected: string, actual: string): TeeError {
  return new TeeError('ERR_SEAL_SVN_BELOW_FLOOR', 'The data was sealed at a security version that is refused now.', {
    expected,
    actual,
    hint: 'Lower the floor for one run and seal the data again at the current version, or restore a newer copy.',
  });
}

/** The commitment or a tag does not fit. */
export function tampered(actual: string): TeeError {
  return new TeeError('ERR_SEAL_TAMPERED', 'The sealed bytes were changed after sealing, or other AAD was given.', {
    expected: 'the bytes and AAD of the seal operation',
    actual,
    hint: 'Restore the blob from a copy. Nothing of it can be trusted as it is.',
  });
}

/** The blob is genuine, and another one was wanted. */
export function nameMismatch(wanted: string, found: string): TeeError {
  return new TeeError('ERR_SEAL_NAME_MISMATCH', 'The blob was sealed under another name.', {
    expected: JSON.stringify(wanted),
    actual: JSON.stringify(found),
    hint: 'Unseal it under its own name; if the host delivered it, it delivered the wrong blob.',
  });
}

function explain(sealed: DeviceRecipient, running: Identity): { reason: string; message: string; hint: string } {
  if (sealed.policy === 'enclave' && sealed.mrEnclave !== running.mrEnclave) {
    return {
      reason: 'mr-enclave',
      message: 'the data was sealed to another MRENCLAVE than the one running.',
      hint: 'Open it with the image that sealed it and grant its keyring to this one, or keep images reproducible.',
    };
  }
  if (sealed.mrSigner !== running.mrSigner) {
    return {
      reason: 'mr-signer',
      message: 'the data was sealed under another MRSIGNER.',
      hint: 'Sign the image with the key that signed the one that sealed.',
    };
  }
  return {
    reason: 'cpu-or-mode',
    message: 'the measurements agree, so the CPU, the product id or the debug mode differs, or the header was changed.',
    hint: 'Sealed data never leaves the CPU it was sealed on: run on that machine, or have its keyring granted to this one.',
  };
}
