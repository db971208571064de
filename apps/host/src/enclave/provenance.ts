import { TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const u16 = z.int().min(0).max(0xffff);
const schema = z.strictObject({
  format: z.literal('neo-tee provenance/1'),
  mode: z.enum(['simulation', 'hardware']),
  mrEnclave: hex32,
  mrSigner: hex32,
  isvProdId: u16,
  isvSvn: u16,
  /** Regular files of the image by their path, with their SHA-256. */
  files: z.record(z.string(), hex32),
});

/** What an image is said to be: its identity as signed, and the hash of each of its files. Lower-case hex. */
export type Provenance = z.infer<typeof schema>;

/** One thing that is not as the provenance says; `null` where one side does not have it. */
export interface ProvenanceDifference {
  what: string;
  expected: string | null;
  actual: string | null;
}

/** Reads a provenance file. @throws {TeeError} ERR_INVALID_ARGUMENT for anything else; unknown members are refused */
export function parseProvenance(text: string): Provenance {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', 'The file is no provenance of an image.', {
      expected: 'neo-tee provenance/1',
      hint: 'neo-tee image measure --out FILE writes one.',
      cause,
    });
  }
}

/** The text of a provenance file: the same for the same image, whatever the order in which its files were found. */
export function provenanceText(provenance: Provenance): string {
  const files = Object.entries(provenance.files).sort(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify({ ...provenance, files: Object.fromEntries(files) }, null, 2)}\n`;
}

/** Everything in which an image differs from what it is said to be; empty when it is the same. */
export function compareProvenance(expected: Provenance, actual: Provenance): ProvenanceDifference[] {
  const rows = (['mode', 'mrEnclave', 'mrSigner', 'isvProdId', 'isvSvn'] as const).map((what) => ({
    what: what as string,
    expected: String(expected[what]),
    actual: String(actual[what]),
  }));
  const [wanted, found] = [new Map(Object.entries(expected.files)), new Map(Object.entries(actual.files))];
  const files = [...new Set([...wanted.keys(), ...found.keys()])]
    .sort((one, other) => (one < other ? -1 : 1))
    .map((path) => ({
      what: `file ${path}`,
      expected: wanted.get(path) ?? null,
      actual: found.get(path) ?? null,
    }));
  return [...rows, ...files].filter((row) => row.expected !== row.actual);
}
