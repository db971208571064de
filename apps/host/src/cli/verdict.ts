import { describeShortfall } from '@neo-service-layer/attestation';
import type { Verdict, VerifiedClaims } from '@neo-service-layer/tee-interface';
import { printable } from './output.ts';
import { refusalWords, statusWords } from './plain-words.ts';
import { table } from './table.ts';
import { wrap } from './wrap.ts';

/** How much of a verdict is shown. */
export interface VerdictStyle {
  /** Every check by name, not only those that failed. */
  checks?: boolean;
}

/**
 * A verdict for people who never read Intel's papers: the answer first, then what it means, what was proved about whom,
 * the state of the machine, and what failed.
 */
export function verdictLines(verdict: Verdict, { checks = false }: VerdictStyle = {}): string[] {
  const failed = verdict.checks.filter(({ ok }) => !ok);
  const held = verdict.checks.length - failed.length;
  return [
    ...answer(verdict),
    '',
    ...proved(verdict),
    ...(verdict.claims === null ? [] : ['', ...who(verdict.claims)]),
    '',
    ...machine(verdict),
    ...(failed.length === 0 ? [] : ['', 'What failed', ...failed.flatMap(checkLines)]),
    '',
    ...(checks
      ? ['Every check', ...table(verdict.checks.map(({ ok, name, detail }) => [ok ? 'ok  ' : 'FAIL', name, detail]))]
      : [`${held} of ${verdict.checks.length} checks held (--checks lists them).`]),
  ].map(printable);
}

function answer({ ok, error }: Verdict): string[] {
  if (ok) return ['YES: this is genuine and what the policy asks for.'];
  if (error === null) return ['NO'];
  const meaning = refusalWords(error.code);
  return [...wrap(`NO: ${error.message}`), ...(meaning === null ? [] : wrap(meaning, '    '))];
}

function proved({ mode, claims, validUntil }: Verdict): string[] {
  const bywhom = {
    hardware: 'Intel’s root key vouches for the processor',
    'custom-root': 'a root key that you named vouches for the machine (not Intel’s)',
    simulation: 'SIMULATION: a simulated processor. It protects nothing',
    none: 'nobody whom you trust vouches for the machine',
  }[mode ?? 'none'];
  return [
    'What was proved',
    ...table([
      ['signed by', bywhom],
      [
        'contents',
        claims === null ? 'NOTHING: what the quote says may be made up' : 'what follows is signed by the processor',
      ],
      ...(validUntil === null ? [] : [['good until', new Date(validUntil * 1000).toISOString()]]),
    ]),
  ];
}

function who(claims: VerifiedClaims): string[] {
  const debug = claims.debug ? 'YES: its owner can read everything in it' : 'off: nobody can look inside';
  const rows =
    claims.tee === 'sgx'
      ? [
          ['program', `${claims.mrEnclave} (MRENCLAVE)`],
          ['made by', `${claims.mrSigner} (MRSIGNER), product ${claims.isvProdId}, security version ${claims.isvSvn}`],
        ]
      : [
          ['virtual machine', `${claims.mrTd} (MRTD)`],
          ...claims.rtmrs.map((rtmr, i) => [`measured later ${i}`, `${rtmr} (RTMR${i})`]),
        ];
  const title = claims.tee === 'sgx' ? 'What runs there (an SGX enclave)' : 'What runs there (a TDX virtual machine)';
  return [title, ...table([...rows, ['debugging', debug], ['kind of machine', `${claims.fmspc} (FMSPC)`]])];
}

function machine({ status, statusBy, tcbDate, advisories, shortfall }: Verdict): string[] {
  if (status === null) {
    const lacks = shortfall.map(describeShortfall).flatMap((text) => wrap(text, '    - '));
    return ['State of the machine: not known', ...(lacks.length > 0 ? ['  Measured by Intel’s list', ...lacks] : [])];
  }
  const parts = Object.entries(statusBy).filter(([, part]) => part !== null);
  const names: Record<string, string> = {
    platform: 'processor and firmware',
    qe: 'quoting enclave',
    module: 'TDX module',
  };
  return [
    `State of the machine: ${status}`,
    ...wrap(statusWords[status], '  '),
    ...table([
      ...parts.map(([name, part]) => [names[name] ?? name, String(part)]),
      ['updates of', (tcbDate ?? '').slice(0, 10)],
      ['advisories', advisories.map(({ id }) => id).join(', ') || 'none'],
    ]),
    ...(advisories.length > 0
      ? ['  Read them at https://www.intel.com/content/www/us/en/security-center/default.html']
      : []),
    ...(shortfall.length > 0
      ? ['  To be up to date it needs', ...shortfall.map(describeShortfall).flatMap((text) => wrap(text, '    - '))]
      : []),
  ];
}

function checkLines({ name, code, detail, expected, found }: Verdict['checks'][number]): string[] {
  return [
    ...wrap(`${name}: ${detail} (${code})`, '  '),
    ...(expected === undefined ? [] : wrap(`expected: ${expected}`, '      ')),
    ...(found === undefined ? [] : wrap(`found: ${found}`, '      ')),
  ];
}
