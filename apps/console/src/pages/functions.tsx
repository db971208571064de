import { parseReceipt, type ReceiptVerdict, verifyReceipt } from '@neo-service-layer/tee-client/receipt';
import type { JavaScriptOutcome, JsonValue } from '@neo-service-layer/tee-interface';
import { bytesToHex } from '@neo-service-layer/tee-interface';
import { signal } from '@preact/signals';
import { CodeEditor } from '../parts/code-editor.tsx';
import { Failure } from '../parts/failure.tsx';
import { ReceiptFiles } from '../parts/receipt-files.tsx';
import { type SecretRow, SecretRows, secretsOf } from '../parts/secret-rows.tsx';
import { connected } from '../state/client.ts';
import { policy } from '../state/policy.ts';
import { anchors, isTrusted } from '../state/trust.ts';

const example = `/** Runs inside the enclave. */
function main(input: { prices: number[] }, secrets: { margin: string }) {
  const sorted = input.prices.toSorted((one, other) => one - other);
  const median = sorted[sorted.length >> 1];
  console.log('sources:', sorted.length);
  return { price: median * (1 + Number(secrets.margin)) };
}
`;

/** What came of a run. */
type Run =
  | { state: 'none' }
  | { state: 'running' }
  | { state: 'failed'; error: unknown }
  | { state: 'done'; outcome: JavaScriptOutcome; evidence: Uint8Array; verdict: ReceiptVerdict | null };

// Kept while one looks at other pages; secrets as well, and no longer than the page lives.
const code = signal(example);
const input = signal('{ "prices": [12.4, 12.5, 99] }');
const secrets = signal<SecretRow[]>([{ name: 'margin', value: '' }]);
const run = signal<Run>({ state: 'none' });

/** Writes a function, runs it in the enclave, and shows what it proves. */
export function Functions() {
  const start = (event: Event) => {
    event.preventDefault();
    if (run.value.state !== 'running') void execute();
  };
  return (
    <>
      <h1>Functions</h1>
      <p class="lead">
        Runs in the enclave, in a sandbox that begins anew for every call. Code, input and secrets are encrypted in this
        browser to the key that the enclave proved; the host carries what it cannot read.
      </p>
      <form onSubmit={start}>
        <p class="label">Function (JavaScript or TypeScript)</p>
        <CodeEditor
          label="Function"
          text={code.value}
          onChange={(text) => {
            code.value = text;
          }}
        />
        <label for="input">Input (JSON)</label>
        <textarea
          id="input"
          rows={3}
          spellcheck={false}
          value={input.value}
          onInput={(event) => {
            input.value = event.currentTarget.value;
          }}
        />
        <SecretRows rows={secrets} />
        <button class="main" type="submit" aria-disabled={!isTrusted.value || run.value.state === 'running'}>
          {run.value.state === 'running' ? 'Running…' : 'Run in the enclave'}
        </button>
        {!isTrusted.value && (
          <p class="bad" role="status">
            Nothing will be sent: the enclave has not proved what the policy demands. See <a href="#/trust">Trust</a>.
          </p>
        )}
      </form>
      <section class="outcome" aria-live="polite" aria-label="Result">
        <Outcome />
      </section>
    </>
  );
}

async function execute(): Promise<void> {
  run.value = { state: 'running' };
  try {
    const tee = await connected();
    const given: JsonValue = JSON.parse(input.value === '' ? 'null' : input.value);
    const call = { code: code.value, kind: 'ts' as const, input: given, secrets: secretsOf(secrets.value) };
    const outcome = await tee.executeJavaScript({ ...call, functionId: 'console', receipt: true });
    const evidence = tee.evidenceDocument;
    run.value = { state: 'done', outcome, evidence, verdict: await judgeReceipt(outcome, evidence, call) };
  } catch (error) {
    run.value = {
      state: 'failed',
      error: error instanceof SyntaxError ? new Error(`The input is no JSON: ${error.message}`) : error,
    };
  }
}

/** Whether the receipt is what it should be: by the policy, for this very function, input and result. */
async function judgeReceipt(
  { receipt, result }: JavaScriptOutcome,
  evidence: Uint8Array,
  { code: source, kind, input: given }: { code: string; kind: 'ts'; input: JsonValue },
): Promise<ReceiptVerdict | null> {
  const chosen = policy.value.policy;
  if (receipt === undefined || chosen === null) return null;
  const trustAnchors = anchors();
  return verifyReceipt(receipt.document, evidence, chosen, {
    now: Date.now() / 1000,
    content: {
      function: { code: source, kind },
      input: { content: given, salt: receipt.salts.input },
      output: { content: result, salt: receipt.salts.output },
    },
    ...(trustAnchors === undefined ? {} : { trustAnchors }),
  });
}

function Outcome() {
  const now = run.value;
  if (now.state === 'none' || now.state === 'running')
    return <p class="quiet">{now.state === 'none' ? 'The result will stand here.' : 'Running…'}</p>;
  if (now.state === 'failed') return <Failure error={now.error} />;
  const { result, logs, gasUsed, executionTimeMs, receipt } = now.outcome;
  return (
    <>
      <h2>Result</h2>
      <pre data-result>{JSON.stringify(result, null, 2)}</pre>
      {logs.length > 0 && (
        <>
          <h2>Logs</h2>
          <pre>{logs.map(({ level, message }) => `${level}: ${message}`).join('\n')}</pre>
        </>
      )}
      <h2>Receipt</h2>
      <dl class="facts">
        <div>
          <dt>Gas</dt>
          <dd>{gasUsed.toLocaleString('en')}</dd>
        </div>
        <div>
          <dt>Time in the enclave</dt>
          <dd>{executionTimeMs.toFixed(1)} ms</dd>
        </div>
        {receipt !== undefined && (
          <div>
            <dt>Function hash</dt>
            <dd>
              <code class="hex">{bytesToHex(parseReceipt(receipt.document).receipt.functionHash)}</code>
            </dd>
          </div>
        )}
      </dl>
      <p class={now.verdict?.ok ? 'good' : 'bad'} data-receipt={now.verdict?.ok ? 'verified' : 'refused'}>
        {now.verdict?.ok
          ? 'Verified here: this enclave signed that it ran this function on this input with this result.'
          : `The receipt was refused: ${now.verdict?.checks.find(({ ok }) => !ok)?.detail ?? 'there is none'}`}
      </p>
      {receipt !== undefined && <ReceiptFiles receipt={receipt} evidence={now.evidence} />}
    </>
  );
}
