import type { VerdictCheck } from '@neo-service-layer/tee-interface';

/** Every check that was made, with what was expected and what was found. */
export function Checks({ checks }: { checks: readonly VerdictCheck[] }) {
  return (
    <section class="scroll" tabIndex={0} aria-label="Checks">
      <table class="checks">
        <thead>
          <tr>
            <th scope="col">Result</th>
            <th scope="col">Check</th>
            <th scope="col">What it says</th>
          </tr>
        </thead>
        <tbody>
          {checks.map(({ name, ok, code, detail, expected, found }, index) => (
            <tr key={`${name} ${index}`} class={ok ? '' : 'failed'}>
              <td class={ok ? 'good' : 'bad'}>{ok ? 'ok' : 'FAILED'}</td>
              <td>
                <code>{name}</code>
              </td>
              <td>
                {detail}
                {code !== null && <code class="code"> {code}</code>}
                {expected !== undefined && <Fact name="expected" value={expected} />}
                {found !== undefined && <Fact name="found" value={found} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div class="fact">
      <span>{name}</span> <code>{value}</code>
    </div>
  );
}
