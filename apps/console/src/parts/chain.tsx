import type { Verdict, VerdictCheck } from '@neo-service-layer/tee-interface';

interface Link {
  title: string;
  what: string;
  /** Which checks are about it, by the beginnings of their names. */
  about: readonly string[];
}

const links: readonly Link[] = [
  {
    title: 'Root of trust',
    what: 'whose word everything rests on',
    about: ['rootCrl.', 'signers.', 'tcbInfo.chain', 'qeIdentity.chain'],
  },
  { title: 'Machine', what: 'a processor with SGX, certified, with its updates', about: ['pck', 'tcbInfo.', 'tcb.'] },
  { title: 'Quoting enclave', what: 'the part of the machine that signs quotes', about: ['qe.', 'qeIdentity.'] },
  { title: 'Enclave', what: 'the program that runs, by its measurement', about: ['quote.', 'policy.', 'evidence.'] },
  { title: 'Key of the channel', what: 'what calls are sealed to', about: ['binding.'] },
];

/** The chain from the root to the key that calls are sealed to, each link with how its checks came out. */
export function Chain({ verdict, isBound }: { verdict: Verdict; isBound: boolean }) {
  const grouped = group(verdict.checks);
  return (
    <ol class="chain" aria-label="Chain of trust">
      {links.map(({ title, what }, index) => {
        const checks = grouped[index] ?? [];
        const isKey = index === links.length - 1;
        const failed = checks.filter(({ ok }) => !ok).length;
        const standing = isKey ? (isBound ? 'good' : 'open') : failed > 0 ? 'bad' : checks.length > 0 ? 'good' : 'open';
        const words = isKey
          ? isBound
            ? 'bound by the quote'
            : 'not reached'
          : checks.length === 0
            ? 'not reached'
            : failed > 0
              ? `${failed} of ${checks.length} checks failed`
              : `${checks.length} checks held`;
        return (
          <li key={title} class={standing}>
            <h3>{title}</h3>
            <p>{what}</p>
            <p class="result">{words}</p>
            {identity(title, verdict)}
          </li>
        );
      })}
    </ol>
  );
}

/** Each check belongs to the first link that claims its name. */
function group(checks: readonly VerdictCheck[]): VerdictCheck[][] {
  const groups: VerdictCheck[][] = links.map(() => []);
  for (const check of checks) {
    const index = links.findIndex(({ about }) => about.some((beginning) => check.name.startsWith(beginning)));
    groups[index < 0 ? 3 : index]?.push(check);
  }
  return groups;
}

/** What a link is, as far as it was proved. */
function identity(title: string, { claims, mode, status }: Verdict) {
  if (claims === null) return null;
  if (title === 'Root of trust') return <code>{mode === 'hardware' ? 'Intel SGX Root CA' : (mode ?? 'none')}</code>;
  if (title === 'Machine')
    return (
      <code>
        FMSPC {claims.fmspc} · {status ?? 'no status'}
      </code>
    );
  if (title === 'Enclave' && claims.tee === 'sgx') return <code class="hex">{claims.mrEnclave}</code>;
  return null;
}
