/**
 * A second signature on a receipt that contracts can check with `ecrecover`: secp256k1 over EIP-191's personal message,
 * whose 32 bytes are the Keccak-256 of the receipt's body. In Solidity:
 *
 *     ecrecover(keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", keccak256(body))), v, r, s)
 *
 * A contract cannot check the quote this way: somebody verifies one receipt with its evidence off-chain, and the
 * contract learns the address that this receipt names.
 */
import { TeeError } from '@neo-service-layer/tee-interface';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { SignedReceipt } from './receipt.ts';
import type { Cosigner } from './sign-receipt.ts';

/**
 * A co-signer with this key. Signatures are deterministic (RFC 6979) with low s, v is 27 or 28.
 * @param secretKey 32 bytes; inside the enclave, derive it from the keyring so that the address survives restarts
 */
export function ethereumCosigner(secretKey: Uint8Array): Cosigner {
  const key = Uint8Array.from(secretKey);
  return {
    address: addressOf(secp256k1.getPublicKey(key, false)),
    sign: (body) => {
      const signature = secp256k1.sign(personalDigest(body), key, { prehash: false, format: 'recovered', lowS: true });
      return concatBytes(signature.subarray(1), Uint8Array.of(27 + (signature[0] ?? 0)));
    },
  };
}

/**
 * Requires that the key which the receipt names co-signed it. Verify the receipt itself first: only then its word on the
 * key counts.
 * @returns the address, 20 bytes
 * @throws {TeeError} ERR_RECEIPT_COSIGNATURE
 */
export function requireCosignature({ receipt, body, cosignature }: SignedReceipt): Uint8Array {
  const { cosigner } = receipt;
  if (cosigner === null || cosignature === null) throw refused('one by the key it names', 'none');
  const recovered = recoverAddress(body, cosignature);
  if (recovered === null || !sameBytes(recovered, cosigner)) {
    throw refused(toAddress(cosigner), recovered === null ? 'no valid signature' : toAddress(recovered));
  }
  return cosigner;
}

/** An address as it is written: `0x…`, lower case, without the checksum of EIP-55. */
export function toAddress(bytes: Uint8Array): string {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function recoverAddress(body: Uint8Array, cosignature: Uint8Array): Uint8Array | null {
  const recovery = (cosignature[64] ?? 0) - 27;
  if (recovery !== 0 && recovery !== 1) return null;
  try {
    const signature = secp256k1.Signature.fromBytes(cosignature.subarray(0, 64), 'compact').addRecoveryBit(recovery);
    // ecrecover takes both halves of s; one signature must not have two forms here.
    if (signature.hasHighS()) return null;
    return addressOf(signature.recoverPublicKey(personalDigest(body)).toBytes(false));
  } catch {
    return null;
  }
}

function personalDigest(body: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(utf8ToBytes('\x19Ethereum Signed Message:\n32'), keccak_256(body)));
}

function addressOf(uncompressed: Uint8Array): Uint8Array {
  return keccak_256(uncompressed.subarray(1)).slice(12);
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function refused(expected: string, actual: string): TeeError {
  return new TeeError('ERR_RECEIPT_COSIGNATURE', 'The receipt is not co-signed by the key it names.', {
    expected,
    actual,
  });
}
