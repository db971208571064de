import { attributeFlags } from '@neo-service-layer/attestation/device';
import { findSigStruct, type SigStruct, verifySigStruct } from '@neo-service-layer/attestation/sigstruct';
import { bytesToHex } from '@neo-service-layer/tee-interface';
import { parseOptions, readFile, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee sigstruct view`: what the signer of an enclave states in its file, and whether the signature holds. Needs no
 * SDK and no SGX. Exit code 2 when it does not hold.
 */
export async function run({ args, output }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw usage('sigstruct view wants exactly one file.');
  const { offset, struct } = findSigStruct(readFile(file));
  const { ok, signature, quotients, mrSigner } = await verifySigStruct(struct);
  const document = { ...describe(struct), mrSigner: bytesToHex(mrSigner), offset };
  output.document({ ok, signature, quotients, ...document });
  for (const line of table([
    ['MRENCLAVE', document.mrEnclave],
    ['MRSIGNER', document.mrSigner],
    ['product', String(document.isvProdId)],
    ['security version', String(document.isvSvn)],
    ['debug', document.debug],
    ['attributes', `${document.attributes} (mask ${document.attributeMask})`],
    ['miscSelect', `${document.miscSelect} (mask ${document.miscMask})`],
    ['KSS', document.kss ? `family ${document.isvFamilyId}, product ${document.isvExtProdId}` : 'not used'],
    ['signed on', document.date],
    ['found at', `byte ${offset}`],
    ['signature', signature ? 'holds' : 'NO: it is not one of this key over these fields'],
    ['Q1 and Q2', quotients ? 'as a processor computes them' : 'NO: a processor would refuse them'],
  ]))
    output.line(line);
  return ok ? 0 : 2;
}

function describe(struct: SigStruct) {
  const { attributes, attributeMask: mask } = struct;
  const hex64 = (value: bigint) => value.toString(16).padStart(16, '0');
  const date = struct.date.toString(16).padStart(8, '0');
  const isDebug = (attributes.flags & attributeFlags.debug) !== 0n;
  const isFixed = (mask.flags & attributeFlags.debug) !== 0n;
  return {
    mrEnclave: bytesToHex(struct.enclaveHash),
    isvProdId: struct.isvProdId,
    isvSvn: struct.isvSvn,
    // The mask decides whether a host may set the bit when it launches the enclave.
    debug: isFixed ? (isDebug ? 'always' : 'never') : 'as whoever launches it likes',
    attributes: `${hex64(attributes.flags)} ${hex64(attributes.xfrm)}`,
    attributeMask: `${hex64(mask.flags)} ${hex64(mask.xfrm)}`,
    miscSelect: struct.miscSelect.toString(16).padStart(8, '0'),
    miscMask: struct.miscMask.toString(16).padStart(8, '0'),
    kss: [...struct.isvFamilyId, ...struct.isvExtProdId].some((byte) => byte !== 0),
    isvFamilyId: bytesToHex(struct.isvFamilyId),
    isvExtProdId: bytesToHex(struct.isvExtProdId),
    date: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`,
    vendor: struct.vendor,
  };
}
