import type { SupervisorMetrics } from '@neo-service-layer/occlum-manager';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is told of each enclave of a pool. */
export interface MemberFigures {
  /** From 1: a pool has few. */
  number: number;
  role: 'keeper' | 'standby';
  /** Bytes resident in its processes. */
  memory: number;
  /** Messages that wait for their answer. */
  underWay: number;
  losses: number;
}

/** What the server counts, as Prometheus reads it. Names of routes and codes only: nothing of a caller or a message. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'route' | 'status'>;
  readonly #seconds: Histogram<'route'>;
  readonly #bytes: Counter<'direction'>;
  readonly #open: Gauge;

  /** @param members of a pool, each of which has its number as label */
  constructor(
    enclave: () => SupervisorMetrics,
    sockets: () => number,
    members: () => readonly MemberFigures[] = () => [],
  ) {
    const registers = [this.#registry];
    this.#requests = new Counter({
      name: 'tee_host_requests_total',
      help: 'Requests answered, by route and status.',
      labelNames: ['route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'tee_host_request_seconds',
      help: 'Seconds until a request was answered.',
      labelNames: ['route'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60],
      registers,
    });
    this.#bytes = new Counter({
      name: 'tee_host_relayed_bytes_total',
      help: 'Bytes of sealed messages and evidence, from clients (in) and to them (out).',
      labelNames: ['direction'],
      registers,
    });
    this.#open = new Gauge({ name: 'tee_host_requests_open', help: 'Requests that wait for their answer.', registers });
    observe(registers, 'tee_host_sockets_open', 'WebSockets that are open.', sockets);
    observe(registers, 'tee_enclave_ready', '1 while an enclave serves.', () => (enclave().state === 'ready' ? 1 : 0));
    observe(registers, 'tee_enclave_starts', 'Starts of the enclave.', () => enclave().starts);
    observe(registers, 'tee_enclave_losses', 'Ends of an enclave that served.', () => enclave().lost);
    observe(registers, 'tee_enclave_start_failures', 'Starts that failed.', () => enclave().startFailures);
    observe(registers, 'tee_enclave_probe_failures', 'Probes that got no answer.', () => enclave().probeFailures);
    observeEach(registers, 'tee_enclave_resident_bytes', 'Memory of an enclave’s processes.', members, 'memory');
    observeEach(registers, 'tee_enclave_messages_open', 'Messages that wait for an enclave.', members, 'underWay');
    observeEach(registers, 'tee_enclave_member_losses', 'Ends of an enclave that served.', members, 'losses');
    const { memoryUsage } = process;
    observe(registers, 'tee_host_resident_bytes', 'Memory of the host process.', () => memoryUsage.rss());
  }

  /** The type of what {@link text} gives. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** A request began. */
  began(): void {
    this.#open.inc();
  }

  /** A request was answered. */
  answered(route: string, status: number, seconds: number): void {
    this.#open.dec();
    this.#requests.inc({ route, status });
    this.#seconds.observe({ route }, seconds);
  }

  /** Bytes crossed. */
  relayed(direction: 'in' | 'out', bytes: number): void {
    this.#bytes.inc({ direction }, bytes);
  }

  /** Everything in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

function observe(registers: Registry[], name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(value());
    },
  });
}

function observeEach(
  registers: Registry[],
  name: string,
  help: string,
  members: () => readonly MemberFigures[],
  figure: 'memory' | 'underWay' | 'losses',
): void {
  new Gauge({
    name,
    help,
    labelNames: ['member', 'role'],
    registers,
    collect() {
      // A member that changed its role must not be told twice.
      this.reset();
      for (const member of members()) this.set({ member: member.number, role: member.role }, member[figure]);
    },
  });
}
