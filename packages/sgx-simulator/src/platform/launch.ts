import { attributeFlags } from '@neo-service-layer/attestation/device';
import { TeeError } from '@neo-service-layer/tee-interface';
import { parseSigstruct, verifySigstruct } from '../sigstruct/parse.ts';
import type { EnclaveIdentity } from './identity.ts';

/** What the loader of an enclave hands to the processor. */
export interface LaunchRequest {
  /** The signed SIGSTRUCT, 1808 bytes. */
  sigstruct: Uint8Array;
  /** What the processor measured while the enclave was loaded, 32 bytes. */
  measurement: Uint8Array;
  /** Launches with the DEBUG attribute: its memory could be read, and its keys are others. Default false. */
  debug?: boolean;
  /** Key separation and sharing; needs a SIGSTRUCT that allows it. Default false. */
  kss?: boolean;
  /** 64 bytes; KSS only. */
  configId?: Uint8Array;
  /** KSS only. */
  configSvn?: number;
}

/**
 * EINIT (SDM Vol 3D): checks the signature of SIGSTRUCT, that its ENCLAVEHASH is the measurement, and that the
 * attributes asked for are those signed, as far as its masks say.
 *
 * @throws {TeeError} ERR_EINIT_REFUSED, ERR_DEVICE_STRUCT for bytes that are no SIGSTRUCT
 */
export function initialiseEnclave(request: LaunchRequest): EnclaveIdentity {
  const { debug = false, kss = false } = request;
  const signed = parseSigstruct(request.sigstruct);
  if (!verifySigstruct(request.sigstruct)) throw refused('The signature of the SIGSTRUCT does not hold.');
  if (Buffer.compare(signed.enclaveHash, request.measurement) !== 0) {
    throw refused(
      'The enclave was changed after it was signed.',
      hexOf(signed.enclaveHash),
      hexOf(request.measurement),
    );
  }
  const flags = attributeFlags.mode64bit | (debug ? attributeFlags.debug : 0n) | (kss ? attributeFlags.kss : 0n);
  const mask = signed.attributeMask;
  if ((flags & mask.flags) !== (signed.attributes.flags & mask.flags)) {
    throw refused(
      debug ? 'The enclave was signed for production and cannot be launched in debug mode.' : 'The attributes differ.',
      `0x${(signed.attributes.flags & mask.flags).toString(16)}`,
      `0x${(flags & mask.flags).toString(16)}`,
    );
  }
  const zeros = (length: number) => new Uint8Array(length);
  return {
    mrEnclave: signed.enclaveHash,
    mrSigner: signed.mrSigner,
    attributes: { flags: flags | attributeFlags.init, xfrm: signed.attributes.xfrm },
    miscSelect: signed.miscSelect,
    isvProdId: signed.isvProdId,
    isvSvn: signed.isvSvn,
    isvFamilyId: kss ? signed.isvFamilyId : zeros(16),
    isvExtProdId: kss ? signed.isvExtProdId : zeros(16),
    configId: kss ? (request.configId ?? zeros(64)) : zeros(64),
    configSvn: kss ? (request.configSvn ?? 0) : 0,
  };
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function refused(message: string, expected?: string, actual?: string): TeeError {
  return new TeeError('ERR_EINIT_REFUSED', message, {
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  });
}
