import { join } from 'node:path';
import { findSigStruct, verifySigStruct } from '@neo-service-layer/attestation/sigstruct';
import { inspectImage, type OcclumInstance } from '@neo-service-layer/occlum-manager';
import { bytesToHex } from '@neo-service-layer/tee-interface';
import { parseOptions, readFile, readTextFile, usage, writeFile } from '../cli/arguments.ts';
import { type ExitCode, printable } from '../cli/output.ts';
import { table } from '../cli/table.ts';
import { openInstance } from '../enclave/instance.ts';
import { compareProvenance, type Provenance, parseProvenance, provenanceText } from '../enclave/provenance.ts';
import type { CommandContext } from './command.ts';

/**
 * `neo-tee image measure`: what an installed instance is, by the SIGSTRUCT of its enclave file and the files of its image
 * folder; compared with a provenance file, or written down as one. Exit code 2 when they differ or the signature does
 * not hold. It reads the folder that the image was built from; what an enclave really is, attestation alone says.
 */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, { provenance: 'value', out: 'value' });
  const [dir = settings.instanceDir, ...more] = positionals;
  if (more.length > 0) throw usage('image measure takes one instance at most.');
  const expected = values.provenance === undefined ? null : parseProvenance(readTextFile(values.provenance));
  const { measured, signature } = await measure(await openInstance(settings, dir), settings.simulation);
  const differences = expected === null ? [] : compareProvenance(expected, measured);
  const ok = signature && differences.length === 0;
  if (values.out !== undefined && signature) writeFile(values.out, Buffer.from(provenanceText(measured)));
  output.document({ ok, signature, compared: expected !== null, differences, measured });
  for (const line of table([
    ['MRENCLAVE', measured.mrEnclave],
    ['MRSIGNER', measured.mrSigner],
    ['product', String(measured.isvProdId)],
    ['security version', String(measured.isvSvn)],
    ['files', String(Object.keys(measured.files).length)],
    ['signature', signature ? 'holds' : 'NO: it is not one of this key over these fields'],
  ]))
    output.line(line);
  if (expected !== null)
    output.line(differences.length === 0 ? 'as the provenance says' : 'NOT as the provenance says:');
  for (const { what, expected: wanted, actual } of differences) {
    output.line(printable(`  ${what}: expected ${wanted ?? 'nothing'}, found ${actual ?? 'nothing'}`));
  }
  return ok ? 0 : 2;
}

async function measure(
  instance: OcclumInstance,
  simulation: boolean,
): Promise<{ measured: Provenance; signature: boolean }> {
  const { struct } = findSigStruct(readFile(join(instance.dir, 'build/lib/libocclum-libos.signed.so')));
  const { ok, mrSigner } = await verifySigStruct(struct);
  const { entries } = await inspectImage(instance.imageDir);
  const measured: Provenance = {
    format: 'neo-tee provenance/1',
    mode: simulation ? 'simulation' : 'hardware',
    mrEnclave: bytesToHex(struct.enclaveHash),
    mrSigner: bytesToHex(mrSigner),
    isvProdId: struct.isvProdId,
    isvSvn: struct.isvSvn,
    files: Object.fromEntries(entries.flatMap(({ path, sha256 }) => (sha256 ? [[path, sha256]] : []))),
  };
  return { measured, signature: ok };
}
