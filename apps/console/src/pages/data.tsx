import type { DataEntry, DeployedFunction, SecretEntry, UserInfo } from '@neo-service-layer/tee-interface';
import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Failure } from '../parts/failure.tsx';
import { UserForm } from '../parts/user-form.tsx';
import { connected } from '../state/client.ts';
import { isTrusted } from '../state/trust.ts';
import { user } from '../state/user.ts';

/** What the user keeps in the enclave. */
interface Kept {
  user: UserInfo;
  data: DataEntry[];
  secrets: SecretEntry[];
  functions: DeployedFunction[];
}

const kept = signal<{ for: string; kept: Kept } | null>(null);
const failure = signal<unknown>(null);

/** What a user keeps, sealed: sizes and versions, and how fresh they are. */
export function Data() {
  return (
    <>
      <h1>Data</h1>
      <p class="lead">
        What you keep in the enclave lies on the host’s disk, sealed: the host sees how much there is, and nothing of
        it. Values of secrets are for your functions only; nobody reads them back.
      </p>
      {isTrusted.value ? (
        <UserForm />
      ) : (
        <p class="bad" role="status">
          No enclave is verified, so nobody can sign in. See <a href="#/trust">Trust</a>.
        </p>
      )}
      {user.value !== null && isTrusted.value && <Entries />}
    </>
  );
}

async function load(): Promise<void> {
  const who = user.value?.userId ?? '';
  try {
    const tee = await connected();
    const [info, data, secrets, functions] = await Promise.all([
      tee.whoAmI(),
      tee.listData({}),
      tee.listSecrets({}),
      tee.listFunctions({}),
    ]);
    kept.value = { for: who, kept: { user: info, data, secrets, functions } };
    failure.value = null;
  } catch (error) {
    failure.value = error;
  }
}

function Entries() {
  useEffect(() => void load(), [user.value]);
  if (failure.value !== null) return <Failure error={failure.value} />;
  if (kept.value === null || kept.value.for !== user.value?.userId) return <p class="quiet">Loading…</p>;
  const { user: info, data, secrets, functions } = kept.value.kept;
  const { stored, quota } = info;
  return (
    <>
      <p>
        {stored.entries} of {quota.storedEntries} entries, {stored.bytes} of {quota.storedBytes} bytes.
      </p>
      <h2>Entries</h2>
      <Rows
        head={['Name', 'Bytes', 'Version', 'Freshness']}
        empty="You keep no data."
        rows={data.map(({ name, bytes, version, freshness }) => [name, bytes, version, freshness])}
      />
      <p class="quiet">
        Freshness “process”: nothing newer was written since the enclave started. What it found then may have been an
        older state, put there by the host: compare versions.
      </p>
      <h2>Secrets</h2>
      <Rows
        head={['Name', 'Bytes', 'Version', '']}
        empty="You keep no secrets."
        rows={secrets.map(({ name, bytes, version }) => [name, bytes, version, <RemoveSecret name={name} />])}
      />
      <SetSecret />
      <h2>Functions</h2>
      <Rows
        head={['Name', 'Version', 'Secrets', 'Hash']}
        empty="You have deployed no function."
        rows={functions.map(({ functionId, version, secrets: names, functionHash }) => [
          functionId,
          version,
          names.join(', '),
          <code class="hex">{functionHash}</code>,
        ])}
      />
    </>
  );
}

type Cell = string | number | preact.JSX.Element;

function Rows({ head, rows, empty }: { head: readonly string[]; rows: readonly (readonly Cell[])[]; empty: string }) {
  if (rows.length === 0) return <p class="quiet">{empty}</p>;
  return (
    <section class="scroll" tabIndex={0} aria-label={head.join(', ')}>
      <table>
        <thead>
          <tr>
            {head.map((cell) =>
              cell === '' ? (
                <td key={cell} />
              ) : (
                <th key={cell} scope="col">
                  {cell}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={String(row[0])}>
              {row.map((cell, index) => (
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function RemoveSecret({ name }: { name: string }) {
  const remove = async () => {
    await (await connected()).removeSecret({ name });
    await load();
  };
  return (
    <button
      type="button"
      aria-label={`Remove the secret ${name}`}
      onClick={() =>
        void remove().catch((error: unknown) => {
          failure.value = error;
        })
      }
    >
      Remove
    </button>
  );
}

function SetSecret() {
  const name = useSignal('');
  const value = useSignal('');
  const set = async (event: Event) => {
    event.preventDefault();
    try {
      await (await connected()).setSecret({ name: name.value, value: value.value });
      name.value = '';
      value.value = '';
      await load();
    } catch (error) {
      failure.value = error;
    }
  };
  return (
    <form class="row" onSubmit={(event) => void set(event)}>
      <input
        aria-label="Name of the secret"
        placeholder="name"
        required
        maxLength={128}
        value={name.value}
        onInput={(event) => {
          name.value = event.currentTarget.value;
        }}
      />
      <input
        aria-label="Value of the secret"
        placeholder="value"
        required
        type="password"
        autocomplete="off"
        value={value.value}
        onInput={(event) => {
          value.value = event.currentTarget.value;
        }}
      />
      <button type="submit">Set the secret</button>
    </form>
  );
}
