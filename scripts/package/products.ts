/** The three packages: what they are, in words, and what belongs to them beside the program. */
export interface Product {
  readonly name: 'backstay-agent' | 'backstay-collector' | 'backstay'
  readonly summary: string
  readonly description: readonly string[]
  /** Whether it runs in the background. */
  readonly isService: boolean
  /** Its folder of settings, and the files in there that admins change: name → template. */
  readonly settings?: { readonly folder: string; readonly files: Readonly<Record<string, Setting>> }
  /** Units beside its service, which nobody is made to use: templates in `linux/`. */
  readonly units?: readonly string[]
  /** A template for sysusers.d. */
  readonly users?: string
}

export interface Setting {
  readonly template: string
  readonly mode: number
}

export const products: readonly Product[] = [
  {
    name: 'backstay-agent',
    summary: 'endpoint backup: protects this device',
    description: [
      'Watches the files of this device and sends what changes, encrypted, to the',
      'collector of its fleet. Waits for an enrolment token when it has none.',
    ],
    isService: true,
    units: ['backstay-agent-update.service', 'backstay-agent-update.timer'],
    settings: {
      folder: '/etc/backstay',
      files: { 'agent.env': { template: 'linux/agent.env', mode: 0o644 } },
    },
  },
  {
    name: 'backstay-collector',
    summary: 'endpoint backup: keeps the backups of a fleet',
    description: [
      'Stores what agents send, which it cannot read, watches whether they are',
      'protected, and hands them the policy of the fleet.',
    ],
    isService: true,
    settings: {
      folder: '/etc/backstay-collector',
      files: { 'collector.env': { template: 'linux/collector.env', mode: 0o640 } },
    },
    users: 'linux/backstay-collector.sysusers',
  },
  {
    name: 'backstay',
    summary: 'endpoint backup: the programs of an admin',
    description: [
      'Founds a fleet, signs policies, restores and proves backups. For the machine',
      'of an admin, which must not be the collector.',
    ],
    isService: false,
  },
]
