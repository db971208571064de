import { type AcceptableStatus, type AppraisalPolicy, appraisalPolicySchema } from '@neo-service-layer/tee-interface';
import { defaultAcceptedStatuses } from './appraise-platform.ts';
import { parsePolicy } from './parse-policy.ts';

/** What a policy demands with one of its members, and what is weak about it. */
export interface PolicyStatement {
  /** Null for what holds without being said. */
  member: keyof AppraisalPolicy | null;
  /** A sentence for people. */
  text: string;
  /** This makes the policy accept something that attestation exists to refuse. */
  isWeak: boolean;
}

/** In an order of its own, so that two lists of the same values read alike. */
const values = (list: readonly string[]) => [...list].sort((a, b) => a.localeCompare(b, 'en')).join(' or ');
const words: Record<keyof AppraisalPolicy, (policy: AppraisalPolicy) => string | null> = {
  anyEnclave: (policy) => when(policy.anyEnclave, () => 'Any code is accepted: this says nothing about what runs.'),
  acceptedStatuses: (policy) => when(policy.acceptedStatuses, (list) => `The TCB status must be ${values(list)}.`),
  acknowledgedAdvisories: (policy) =>
    when(
      policy.acknowledgedAdvisories,
      (list) => `No advisory may apply${list.length > 0 ? ` but ${values(list)}` : ''}.`,
    ),
  minTcbDate: (policy) => when(policy.minTcbDate, (date) => `The TCB level must be of ${date} or later.`),
  minTcbEvaluationDataNumber: (policy) =>
    when(
      policy.minTcbEvaluationDataNumber,
      (n) => `The collateral must have TCB evaluation data number ${n} or higher.`,
    ),
  mrEnclave: (policy) => when(policy.mrEnclave, (list) => `MRENCLAVE must be ${values(list)}.`),
  mrSigner: (policy) => when(policy.mrSigner, (list) => `MRSIGNER must be ${values(list)}.`),
  isvProdId: (policy) => when(policy.isvProdId, (id) => `ISVPRODID must be ${id}.`),
  minIsvSvn: (policy) => when(policy.minIsvSvn, (svn) => `ISVSVN must be ${svn} or higher.`),
  attributes: (policy) =>
    when(policy.attributes, ({ value, mask }) => `ATTRIBUTES must be ${value} under the mask ${mask}.`),
  xfrm: (policy) => when(policy.xfrm, ({ value, mask }) => `XFRM must be ${value} under the mask ${mask}.`),
  miscSelect: (policy) =>
    when(policy.miscSelect, ({ value, mask }) => `MISCSELECT must be ${value} under the mask ${mask}.`),
  configId: (policy) => when(policy.configId, (id) => `CONFIGID must be ${id}.`),
  minConfigSvn: (policy) => when(policy.minConfigSvn, (svn) => `CONFIGSVN must be ${svn} or higher.`),
  isvFamilyId: (policy) => when(policy.isvFamilyId, (id) => `ISVFAMILYID must be ${id}.`),
  isvExtProdId: (policy) => when(policy.isvExtProdId, (id) => `ISVEXTPRODID must be ${id}.`),
  mrTd: (policy) => when(policy.mrTd, (list) => `MRTD must be ${values(list)}.`),
  rtmrs: (policy) =>
    when(policy.rtmrs, (list) =>
      list.map((rtmr, i) => `RTMR${i} ${rtmr === null ? 'may be anything' : `must be ${rtmr}`}.`).join(' '),
    ),
  mrConfigId: (policy) => when(policy.mrConfigId, (id) => `MRCONFIGID must be ${id}.`),
  mrOwner: (policy) => when(policy.mrOwner, (owner) => `MROWNER must be ${owner}.`),
  mrOwnerConfig: (policy) => when(policy.mrOwnerConfig, (config) => `MROWNERCONFIG must be ${config}.`),
  mrSeam: (policy) => when(policy.mrSeam, (list) => `MRSEAM must be ${values(list)}.`),
  mrServiceTd: (policy) => when(policy.mrServiceTd, (list) => `MR_SERVICETD must be ${values(list)}.`),
  tdAttributes: (policy) =>
    when(policy.tdAttributes, ({ value, mask }) => `TDATTRIBUTES must be ${value} under the mask ${mask}.`),
  xfam: (policy) => when(policy.xfam, ({ value, mask }) => `XFAM must be ${value} under the mask ${mask}.`),
  requireSeptVeDisable: (policy) =>
    when(policy.requireSeptVeDisable, (on) => `SEPT_VE_DISABLE ${on ? 'must be set' : 'may be off'}.`),
  reportData: (policy) => when(policy.reportData, (data) => `The report data must be ${data}.`),
  fmspcAllowed: (policy) => when(policy.fmspcAllowed, (list) => `The platform type (FMSPC) must be ${values(list)}.`),
  fmspcDenied: (policy) => when(policy.fmspcDenied, (list) => `The platform type (FMSPC) must not be ${values(list)}.`),
  ppidAllowed: (policy) => when(policy.ppidAllowed, (list) => `The platform (PPID) must be ${values(list)}.`),
  platformInstanceIdAllowed: (policy) =>
    when(policy.platformInstanceIdAllowed, (list) => `The platform instance must be ${values(list)}.`),
  allowDebug: (policy) =>
    when(policy.allowDebug, (on) =>
      on ? 'Debugging may be on: nothing inside is confidential then.' : 'Debugging must be off.',
    ),
  allowSimulation: (policy) =>
    when(policy.allowSimulation, (on) =>
      on ? 'A simulated platform is accepted: it protects nothing.' : 'The platform must be real.',
    ),
};

const members: readonly (keyof AppraisalPolicy)[] = appraisalPolicySchema.keyof().options;

function when<T>(demand: T | undefined, sentence: (demand: T) => string): string | null {
  return demand === undefined ? null : sentence(demand);
}

/**
 * Says in sentences what a policy demands, including what it demands by default, and marks what is weak.
 * @throws {TeeError} ERR_POLICY_FORMAT, ERR_POLICY_EMPTY
 */
export function explainPolicy(policy: AppraisalPolicy): PolicyStatement[] {
  const checked = parsePolicy(policy);
  const unsaid = { acceptedStatuses: [...defaultAcceptedStatuses], allowDebug: false, allowSimulation: false };
  const statements = members.flatMap((member): PolicyStatement[] => {
    const said = words[member](checked);
    const text = said ?? words[member](unsaid);
    return text === null ? [] : [{ member: said === null ? null : member, text, isWeak: isWeak(checked, member) }];
  });
  return [...statements, ...gaps(checked)];
}

/** A member that two policies differ in; `before` and `after` are sentences, null where nothing is demanded. */
export interface PolicyChange {
  member: keyof AppraisalPolicy;
  before: string | null;
  after: string | null;
}

/**
 * Lists what changes from one policy to another. The order of lists does not matter.
 * @throws {TeeError} ERR_POLICY_FORMAT, ERR_POLICY_EMPTY
 */
export function diffPolicies(before: AppraisalPolicy, after: AppraisalPolicy): PolicyChange[] {
  const [old, fresh] = [parsePolicy(before), parsePolicy(after)];
  return members
    .map((member) => ({ member, before: words[member](old), after: words[member](fresh) }))
    .filter((change) => change.before !== change.after);
}

/** Statuses of platforms, or TDs, with holes that are known and closed elsewhere. */
const weakStatuses: readonly AcceptableStatus[] = [
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'TDRelaunchAdvised',
  'TDRelaunchAdvisedConfigurationNeeded',
];

function isWeak(policy: AppraisalPolicy, member: keyof AppraisalPolicy): boolean {
  switch (member) {
    case 'acceptedStatuses':
      return policy.acceptedStatuses?.some((status) => weakStatuses.includes(status)) ?? false;
    case 'anyEnclave':
    case 'allowDebug':
    case 'allowSimulation':
      return policy[member] === true;
    default:
      return false;
  }
}

/** Weak by what is not said. */
function gaps(policy: AppraisalPolicy): PolicyStatement[] {
  const onlySigner = policy.mrSigner !== undefined && policy.mrEnclave === undefined;
  if (!onlySigner) return [];
  const missing = [
    policy.isvProdId === undefined ? 'Every product of that signer is accepted: add isvProdId.' : null,
    policy.minIsvSvn === undefined ? 'Old versions with known holes are accepted: add minIsvSvn.' : null,
  ];
  return missing.flatMap((text) => (text === null ? [] : [{ member: null, text, isWeak: true }]));
}
