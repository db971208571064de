import { Buffer } from 'node:buffer';
import { createServer, type ServerResponse } from 'node:http';
import type { Collateral } from '@neo-service-layer/tee-interface';
import { toHex } from '../../../src/bytes/hex.ts';
import { unwrapRevocationList, unwrapText } from '../../../src/collateral/containers.ts';

/** What is asked for. */
export type Part = 'tcb' | 'qe' | 'pckcrl' | 'rootcacrl' | 'numbers';

/** An answer as it goes out. */
export interface ServerAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Does something other than answering. */
export type Fault = (response: ServerResponse, answer: ServerAnswer) => void;

/** A PCS (or PCCS) on a port of this machine, with every request it got. */
export interface CollateralServer {
  baseUrl: string;
  /** Path and query of each request, in order. */
  requests: string[];
  /** How many of them asked for this part. */
  count(part: Part): number;
  /** What it serves; may be replaced. */
  collateral: Collateral;
  numbers: { body: Uint8Array; issuerChain: Uint8Array } | null;
  /** Each request for the part takes the first fault off the list; without one it is answered. */
  faults: Partial<Record<Part, Fault[]>>;
  /** Changes every answer. */
  edit: (part: Part, answer: ServerAnswer) => ServerAnswer;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server with the answers of API version 4, made of the parts of this collateral. */
export async function startCollateralServer(collateral: Collateral, port = 0): Promise<CollateralServer> {
  const http = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const part = partOf(url.pathname);
    if (!part) {
      response.writeHead(404).end();
      return;
    }
    server.requests.push(url.pathname + url.search);
    const answer = server.edit(part, answerFor(part, server));
    const fault = server.faults[part]?.shift();
    if (fault) fault(response, answer);
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  const address = http.address();
  const bound = typeof address === 'object' && address ? address.port : 0;
  const close = async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  const server: CollateralServer = {
    baseUrl: `http://127.0.0.1:${bound}/sgx/certification/v4/`,
    requests: [],
    count: (part) => server.requests.filter((path) => partOf(path.replace(/\?.*/, '')) === part).length,
    collateral,
    numbers: null,
    faults: {},
    edit: (_, answer) => answer,
    close,
    [Symbol.asyncDispose]: close,
  };
  return server;
}

function partOf(path: string): Part | null {
  const match = /^\/(?:sgx|tdx)\/certification\/v4\/(tcb|qe\/identity|pckcrl|rootcacrl|tcbevaluationdatanumbers)$/.exec(
    path,
  );
  const parts: Record<string, Part> = {
    tcb: 'tcb',
    'qe/identity': 'qe',
    pckcrl: 'pckcrl',
    rootcacrl: 'rootcacrl',
    tcbevaluationdatanumbers: 'numbers',
  };
  return parts[match?.[1] ?? ''] ?? null;
}

function answerFor(part: Part, { collateral: c, numbers }: CollateralServer): ServerAnswer {
  const chain = (bytes: Uint8Array | undefined) => encodeURIComponent(unwrapText(bytes ?? new Uint8Array()));
  const json = { 'content-type': 'application/json' };
  switch (part) {
    case 'tcb':
      return {
        status: 200,
        headers: { ...json, 'TCB-Info-Issuer-Chain': chain(c.tcbInfoIssuerChain) },
        body: document('tcbInfo', c.tcbInfo, c.tcbInfoSignature),
      };
    case 'qe':
      return {
        status: 200,
        headers: { ...json, 'SGX-Enclave-Identity-Issuer-Chain': chain(c.qeIdentityIssuerChain) },
        body: document('enclaveIdentity', c.qeIdentity, c.qeIdentitySignature),
      };
    case 'pckcrl':
      return {
        status: 200,
        headers: { 'content-type': 'application/pkix-crl', 'SGX-PCK-CRL-Issuer-Chain': chain(c.pckCrlIssuerChain) },
        body: Buffer.from(unwrapRevocationList(c.pckCrl ?? new Uint8Array())),
      };
    case 'rootcacrl':
      // A PCCS answers in hex.
      return {
        status: 200,
        headers: {},
        body: Buffer.from(toHex(unwrapRevocationList(c.rootCaCrl ?? new Uint8Array()))),
      };
    case 'numbers':
      return {
        status: numbers ? 200 : 404,
        headers: { ...json, 'TCB-Evaluation-Data-Numbers-Issuer-Chain': chain(numbers?.issuerChain) },
        body: Buffer.from(numbers?.body ?? new Uint8Array()),
      };
  }
}

function document(member: string, bytes: Uint8Array, signature: Uint8Array | undefined): Buffer {
  const text = unwrapText(bytes);
  if (!signature) return Buffer.from(text);
  const hex = signature.length === 64 ? toHex(signature) : unwrapText(signature);
  return Buffer.from(`{"${member}":${text},"signature":"${hex}"}`);
}

/** Answers with this status. */
export function status(code: number, headers: Record<string, string> = {}): Fault {
  return (response) => void response.writeHead(code, headers).end('no');
}

/** Announces the whole body and breaks off in its middle. */
export const truncated: Fault = (response, { headers, body }) => {
  response.writeHead(200, { ...headers, 'content-length': String(body.length) });
  response.write(body.subarray(0, body.length >> 1), () => response.destroy());
};

/** Never answers. */
export const silent: Fault = () => undefined;

/** Answers after a while. */
export function slow(ms: number): Fault {
  return (response, { status: code, headers, body }) =>
    void setTimeout(() => response.writeHead(code, headers).end(body), ms);
}
