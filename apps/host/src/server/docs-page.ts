import { createHash } from 'node:crypto';
import { signIn, teeMethods, teeStreams } from '@neo-service-layer/tee-interface';

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
  th, td { text-align: left; vertical-align: top; padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid #8886; }
  code { font: 0.95em ui-monospace, monospace; }
`;

/** The policy of the page: nothing but its own style, from nowhere else. */
export const docsPagePolicy: string = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const paths: readonly (readonly [string, string])[] = [
  ['GET /v1/evidence', 'what the enclave proves, to be verified by the client'],
  ['POST /v1/channel', 'one sealed message to the enclave, and its answer'],
  ['GET /v1/channel', 'the same over a WebSocket'],
  ['GET /', 'the console: a page in which the browser verifies the enclave'],
  ['GET /v1/suggestion', 'what the host says that its enclave is; proves nothing against the host'],
  ['GET /health/live, /health/ready', 'does the host run; does an enclave serve'],
  ['GET /metrics', 'for Prometheus'],
  ['GET /openapi.json', 'this page for programs, with the schemas of all methods'],
];

/** The page of `/docs`: what the server offers, and what can be called through it. */
export function docsPage(): string {
  const methods = Object.entries({ signIn, ...teeMethods }).filter(([, { runs }]) => runs === 'enclave');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>neo-tee host</title><style>${style}</style></head><body><main>
<h1>neo-tee host</h1>
<p>This server relays sealed messages between clients and an attested enclave. It can read none of them. Use
<code>TeeClient</code> of <code>@neo-service-layer/tee-client</code>, which verifies the enclave before anything is sent.</p>
<h2>Paths</h2>
${table(['path', 'what it is'], paths)}
<h2>Methods, inside the channel</h2>
${table(
  ['method', 'who may call it', 'what it does'],
  methods.map(([name, { access, summary }]) => [name, access, summary]),
)}
<h2>Streams</h2>
${table(
  ['stream', 'who may call it', 'what it does'],
  Object.entries(teeStreams).map(([name, { access, summary }]) => [name, access, summary]),
)}
</main></body></html>
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => {
    const [first = '', ...rest] = cells.map(escapeHtml);
    return `<tr><td><code>${first}</code></td>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  };
  const heads = head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('');
  return `<table><thead><tr>${heads}</tr></thead><tbody>${rows.map(line).join('\n')}</tbody></table>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
