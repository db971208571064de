import type { Verdict } from '@neo-service-layer/tee-interface';
import { printable } from './output.ts';
import { table } from './table.ts';

/** A verdict for people: the answer first, then every check in the order it was made. */
export function verdictLines(verdict: Verdict): string[] {
  const { ok, status, mode, advisoryIds, tcbDate, checks, claims, error } = verdict;
  const facts: string[][] = [
    [
      'platform',
      mode === 'simulation' ? 'SIMULATION: protects nothing' : (mode ?? 'unknown: no chain to a trusted root'),
    ],
    ['TCB status', status ?? 'none'],
    ['TCB date', tcbDate ?? 'none'],
    ['advisories', advisoryIds.join(', ') || 'none'],
  ];
  if (claims?.tee === 'sgx') {
    facts.push(
      ['MRENCLAVE', claims.mrEnclave],
      ['MRSIGNER', claims.mrSigner],
      ['product, SVN', `${claims.isvProdId}, ${claims.isvSvn}${claims.debug ? ', DEBUG' : ''}`],
    );
  } else if (claims?.tee === 'tdx') {
    facts.push(['MRTD', claims.mrTd]);
  }
  const rows = checks.map((check) => [check.ok ? 'ok  ' : 'FAIL', check.name, check.detail]);
  return [
    ok ? 'YES: the evidence is genuine and the policy accepts it' : `NO: ${error?.message ?? 'refused'}`,
    ...table(facts),
    ...table(rows),
  ].map(printable);
}
