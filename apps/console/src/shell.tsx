import { computed, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { Data } from './pages/data.tsx';
import { Functions } from './pages/functions.tsx';
import { Live } from './pages/live.tsx';
import { Policy } from './pages/policy.tsx';
import { Trust } from './pages/trust.tsx';
import { StandingLine } from './parts/standing-line.tsx';
import { isSimulation } from './state/trust.ts';

const pages: readonly { path: string; name: string; Page: ComponentType }[] = [
  { path: '#/trust', name: 'Trust', Page: Trust },
  { path: '#/functions', name: 'Functions', Page: Functions },
  { path: '#/data', name: 'Data', Page: Data },
  { path: '#/live', name: 'Live', Page: Live },
  { path: '#/policy', name: 'Policy', Page: Policy },
];

const hash = signal(location.hash);
const current = computed(() => pages.find(({ path }) => path === hash.value) ?? pages[0]);
addEventListener('hashchange', () => {
  hash.value = location.hash;
  document.title = `${current.value?.name ?? ''} · Enclave console`;
  // Readers with a keyboard or a screen reader go on where the page begins.
  document.getElementById('page')?.focus();
});

/** What stands around every page: where one is, whether it is a simulation, and how the enclave stands. */
export function Shell() {
  const shown = current.value;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('page')?.focus()}>
        Skip to the page
      </button>
      {isSimulation.value && (
        <aside class="simulation" aria-label="Simulation">
          <strong>SIMULATION</strong> No hardware protects this enclave. Whoever runs the machine can read everything in
          it.
        </aside>
      )}
      <header class="top">
        <p class="brand">Enclave console</p>
        <nav aria-label="Pages">
          <ul>
            {pages.map(({ path, name }) => (
              <li key={path}>
                <a href={path} aria-current={shown?.path === path ? 'page' : undefined}>
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <StandingLine />
      </header>
      <main id="page" tabIndex={-1}>
        {shown && <shown.Page />}
      </main>
      <footer>
        <p>
          This page came from a server. Whoever runs that server could change it: for secrets of worth use the command
          line, or serve this page from a place of your own.
        </p>
      </footer>
    </>
  );
}
