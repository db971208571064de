import { TeeError } from '@neo-service-layer/tee-interface';
import { type CborValue, decodeCanonical, encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import type { ExecutionReceipt, SignedReceipt } from './receipt.ts';

/*
 * receipt = [ "tee-receipt/1", body: bstr .cbor body, signature: bstr .size 64, cosignature: bstr .size 65 / null ]
 * body    = [ "tee-receipt/1 body", function-hash: hash, contract: hash / null, input: hash, output: hash / null, secret-names: hash,
 *             outcome: tstr, [ timeout-ms: uint, memory-bytes: uint, gas: uint ], gas-used: uint, function-id: tstr,
 *             user-id: tstr, user-key: bstr .size 32 / null, counter: uint, time: uint, boot-id: bstr .size 16, config-hash: hash,
 *             cosigner: bstr .size 20 / null ]
 * hash    = bstr .size 32
 */
const label = 'tee-receipt/1';
const bodyLabel = 'tee-receipt/1 body';
const maxBytes = 16 * 1024;

/** The bytes of a receipt that are signed. */
export function encodeReceiptBody(receipt: ExecutionReceipt): Uint8Array {
  const { timeoutMs, memoryBytes, gas } = receipt.limits;
  return encodeCanonical([
    bodyLabel,
    receipt.functionHash,
    receipt.contract,
    receipt.input,
    receipt.output,
    receipt.secretNames,
    receipt.outcome,
    [timeoutMs, memoryBytes, gas],
    receipt.gasUsed,
    receipt.functionId,
    receipt.userId,
    receipt.userKey,
    receipt.counter,
    receipt.time,
    receipt.bootId,
    receipt.configHash,
    receipt.cosigner,
  ]);
}

/** A receipt with its signatures, as a document. */
export function encodeReceipt(signed: Omit<SignedReceipt, 'receipt'>): Uint8Array {
  return encodeCanonical([label, signed.body, signed.signature, signed.cosignature]);
}

/** Reads a document; verifies nothing. @throws {TeeError} ERR_RECEIPT_FORMAT */
export function parseReceipt(document: Uint8Array): SignedReceipt {
  if (document.length > maxBytes) throw malformed(`at most ${maxBytes} bytes`, `${document.length} bytes`);
  const [, body, signature, cosignature] = fields(document, label, 4);
  if (!(body instanceof Uint8Array)) throw malformed('a body');
  return {
    receipt: parseBody(body),
    body: Uint8Array.from(body),
    signature: bytes(signature, 64, 'signature'),
    cosignature: cosignature === null ? null : bytes(cosignature, 65, 'cosignature'),
  };
}

function parseBody(body: Uint8Array): ExecutionReceipt {
  const [, functionHash, contract, input, output, secretNames, outcome, ...others] = fields(body, bodyLabel, 17);
  const [limits, gasUsed, functionId, userId, userKey, counter, time, bootId, configHash, cosigner] = others;
  if (!Array.isArray(limits) || limits.length !== 3) throw malformed('three limits');
  return {
    functionHash: bytes(functionHash, 32, 'function-hash'),
    contract: contract === null ? null : bytes(contract, 32, 'contract'),
    input: bytes(input, 32, 'input'),
    output: output === null ? null : bytes(output, 32, 'output'),
    secretNames: bytes(secretNames, 32, 'secret-names'),
    outcome: text(outcome, 'outcome'),
    limits: {
      timeoutMs: count(limits[0], 'timeout-ms'),
      memoryBytes: count(limits[1], 'memory-bytes'),
      gas: count(limits[2], 'gas'),
    },
    gasUsed: count(gasUsed, 'gas-used'),
    functionId: text(functionId, 'function-id'),
    userId: text(userId, 'user-id'),
    userKey: userKey === null ? null : bytes(userKey, 32, 'user-key'),
    counter: count(counter, 'counter'),
    time: count(time, 'time'),
    bootId: bytes(bootId, 16, 'boot-id'),
    configHash: bytes(configHash, 32, 'config-hash'),
    cosigner: cosigner === null ? null : bytes(cosigner, 20, 'cosigner'),
  };
}

function fields(encoded: Uint8Array, expected: string, length: number): CborValue[] {
  let value: CborValue;
  try {
    value = decodeCanonical(encoded);
  } catch (cause) {
    throw malformed('canonical CBOR', undefined, cause);
  }
  if (!Array.isArray(value) || value[0] !== expected) throw malformed(expected);
  // A body of 16 members is from before receipts stated contracts; such enclaves were never released.
  if (value.length !== length) throw malformed(`${length} members of "${expected}"`, `${value.length} members`);
  return value;
}

function bytes(value: CborValue | undefined, length: number, name: string): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return Uint8Array.from(value);
  throw malformed(`${name}: ${length} bytes`);
}

function text(value: CborValue | undefined, name: string): string {
  if (typeof value === 'string' && value.length <= 1024) return value;
  throw malformed(`${name}: text of at most 1024 characters`);
}

function count(value: CborValue | undefined, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed(`${name}: a whole number`);
}

function malformed(expected: string, actual?: string, cause?: unknown): TeeError {
  return new TeeError('ERR_RECEIPT_FORMAT', 'The bytes are not a receipt.', {
    expected,
    ...(actual === undefined ? {} : { actual }),
    ...(cause === undefined ? {} : { cause }),
    hint: 'Pass the receipt as the enclave gave it, byte for byte.',
  });
}
