import { describe, expect, it } from 'vitest';
import { appraise, verifyQuote } from '../src/index.ts';
import { readAllCases, type VectorCase, vectorsFolder } from './helpers/vectors.ts';

const policy = { anyEnclave: true, allowDebug: true } as const;

/** The table of docs/attestation-verdicts.md; write it anew with `npx vitest run test/verdict-table.test.ts -u`. */
describe.skipIf(!vectorsFolder)(
  vectorsFolder ? 'the table of verdicts' : 'skipped: no vectors (table of verdicts)',
  () => {
    it('in docs/ is what the verifier says today', async () => {
      const cases = readAllCases().sort((a, b) => a.id.localeCompare(b.id, 'en'));
      const rows = await Promise.all(cases.map(row));
      await expect(`${head}${rows.join('\n')}\n`).toMatchFileSnapshot('../../../docs/attestation-verdicts.md');
    });
  },
);

const head = `# Verdicts on real quotes

Every quote of the shared vectors, judged at the case's own time. *Intel* is what Intel's quote verification library
makes of it (by an independent analysis after its rules), *the source* what the tests of the project that the quote
comes from say, *ours* what \`verifyQuote\` and a policy that accepts any enclave (debug included) say: the TCB status,
then each component's, the advisories, and the date of the TCB. A case without revocation lists is refused; its row
shows what \`revocation: 'skip'\` says. This page is compared with the verifier by
packages/attestation/test/verdict-table.test.ts.

Where ours differs from Intel's, it is by decision: tcbDate is the oldest of platform, quoting enclave and TDX module
(cases near-mpc/tdx_2026-08-14 and openenclave/tdx_v5_relaunch_advised).

| case | quote | Intel | the source | ours |
|---|---|---|---|---|
`;

async function row(vector: VectorCase): Promise<string> {
  const { id, tee, quoteVersion, debug, expectedIntelQvl: intel, expectedByRepo } = vector;
  const kind = `${tee} v${quoteVersion}${debug ? ' debug' : ''}`;
  const expected =
    intel === null ? 'not judged' : [intel.status ?? `error: ${intel.error}`, ...details(intel)].join(', ');
  const cells = [id, kind, expected, expectedByRepo ?? '-', await ours(vector)];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()).join(' | ')} |`;
}

function details(intel: NonNullable<VectorCase['expectedIntelQvl']>): string[] {
  const { advisoryIDs = [], tcbLevelDate } = intel;
  return [
    ...(advisoryIDs.length > 0 ? [advisoryIDs.join(' ')] : []),
    ...(tcbLevelDate ? [tcbLevelDate.slice(0, 10)] : []),
  ];
}

async function ours({ quote, collateral, validAt, trustAnchors, hasBothCrls }: VectorCase): Promise<string> {
  if (collateral === null || validAt === null) return 'not judged: no collateral';
  const revocation = hasBothCrls ? 'required' : 'skip';
  const verdict = appraise(await verifyQuote(quote, collateral, { now: validAt, trustAnchors, revocation }), policy);
  const { status, statusBy, advisoryIds, tcbDate, error } = verdict;
  const by = Object.entries(statusBy).flatMap(([part, value]) => (value === null ? [] : [`${part} ${value}`]));
  const mark = hasBothCrls ? '' : ' (refused with ERR_CRL_MISSING unless skipped)';
  if (status === null) return `${error?.code}${mark}`;
  return (
    [`**${status}**`, by.join(' '), advisoryIds.join(' '), tcbDate?.slice(0, 10)].filter(Boolean).join(', ') + mark
  );
}
