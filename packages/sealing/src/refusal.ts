/**
 * Why a blob could not be opened, in words. The header is unauthenticated at this point, so what it says about the
 * sealer is reported as its claim; the class of the error is exact.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import type { SealHeader } from './envelope.ts';
import type { SealKeySource } from './key-source.ts';

type Identity = SealKeySource['identity'];

/** The CPU derived a key, and it is not the one that sealed. */
export function keyMismatch(header: SealHeader, running: Identity): TeeError {
  return new TeeError('ERR_SEAL_KEY_MISMATCH', `This enclave cannot derive the key: ${reason(header, running)}`, {
    expected: `sealed to ${header.policy} (by MRENCLAVE ${header.mrEnclave}, MRSIGNER ${header.mrSigner}, as the blob says)`,
    actual: `running MRENCLAVE ${running.mrEnclave}, MRSIGNER ${running.mrSigner}`,
    hint: hint(header, running),
    details: { policy: header.policy, sealedBy: header.mrEnclave, running: running.mrEnclave },
  });
}

/** The CPU refused to derive a key of the recorded versions. */
export function svnTooNew(header: SealHeader, running: Identity): TeeError {
  return new TeeError('ERR_SEAL_SVN_TOO_NEW', 'The data was sealed at a newer security version than the one running.', {
    expected: `isvSvn at least ${header.isvSvn} and a CPUSVN that covers ${Buffer.from(header.cpuSvn).toString('hex')}`,
    actual: `isvSvn ${running.isvSvn}, CPUSVN ${Buffer.from(running.cpuSvn).toString('hex')}`,
    hint: 'Run the newer enclave, or bring the machine back to its newer microcode.',
  });
}

function reason(header: SealHeader, running: Identity): string {
  if (header.policy === 'enclave' && header.mrEnclave !== running.mrEnclave) {
    return 'the data was sealed to another MRENCLAVE than the one running.';
  }
  if (header.mrSigner !== running.mrSigner) return 'the data was sealed under another MRSIGNER.';
  return 'the measurements agree, so the CPU, the product id or the debug mode differs, or the header was changed.';
}

function hint(header: SealHeader, running: Identity): string {
  if (header.policy === 'enclave' && header.mrEnclave !== running.mrEnclave) {
    return 'Open it with the image that sealed it and seal it again to "signer", or keep images reproducible.';
  }
  if (header.mrSigner !== running.mrSigner) return 'Sign the image with the key that signed the one that sealed.';
  return 'Sealed data never leaves the CPU it was sealed on: run on that machine, or restore from its source.';
}
