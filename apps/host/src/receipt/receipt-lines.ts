import type { ExecutionReceipt } from '@neo-service-layer/receipt';
import { toAddress } from '@neo-service-layer/receipt/ethereum';
import { bytesToHex } from '@neo-service-layer/tee-interface';
import { table } from '../cli/table.ts';

/** What a receipt says, as a document of `--json`. */
export function receiptDocument(receipt: ExecutionReceipt) {
  const { functionHash, contract, input, output, secretNames, userKey, bootId, configHash, cosigner, ...plain } =
    receipt;
  return {
    ...plain,
    functionHash: bytesToHex(functionHash),
    contract: contract && bytesToHex(contract),
    input: bytesToHex(input),
    output: output && bytesToHex(output),
    secretNames: bytesToHex(secretNames),
    userKey: userKey && bytesToHex(userKey),
    bootId: bytesToHex(bootId),
    configHash: bytesToHex(configHash),
    cosigner: cosigner && toAddress(cosigner),
  };
}

/** What a receipt says, for people. */
export function receiptLines(receipt: ExecutionReceipt): string[] {
  const { outcome, gasUsed, limits, functionId, userId, counter, time } = receipt;
  const document = receiptDocument(receipt);
  const { functionHash, contract, input, output, secretNames, userKey, bootId, configHash, cosigner } = document;
  return table([
    ['function', functionId],
    ['its hash', functionHash],
    ['its contract', contract ?? 'none stated'],
    ['called by', `${userId} (${userKey === null ? 'its own word: nobody signed in' : `key ${userKey}`})`],
    ['outcome', outcome],
    ['gas', `${gasUsed} of ${limits.gas}`],
    ['other limits', `${limits.timeoutMs} ms, ${limits.memoryBytes / 1024 / 1024} MiB`],
    ['number', `${counter} since the enclave started (boot ${bootId})`],
    ['time', `${new Date(time * 1000).toISOString()}, by the host’s clock`],
    ['configuration', configHash],
    ['input', `${input} (commitment)`],
    ['output', output === null ? 'none: it failed' : `${output} (commitment)`],
    ['secret names', `${secretNames} (commitment)`],
    ['co-signed by', cosigner ?? 'nobody'],
  ]);
}
