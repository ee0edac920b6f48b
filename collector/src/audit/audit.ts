/**
 * What people and programs did through this collector, and what it refused them: for whoever asks later who did what. Others
 * only note; how an entry is kept, numbered and proved is this room's business.
 */
export interface AuditEntry {
  /** Who: `person:anna@example.org`, `admin:` and key, `device:` and id, `token:` and name, or `collector`. */
  readonly actor: string
  /** What, in a word that never changes: `sign-in`, `sign-in-refused`, `job`, `alert-rule-changed` … */
  readonly action: string
  /** The device that it is about, lower-case hex. */
  readonly device?: string
  /** What else it is about: the id of a record, a person, a channel. */
  readonly target?: string
  /** Facts for people. Never a secret, never the name or content of a file. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>
}

export interface Audit {
  /** Resolves when the entry is durable. Entries noted one after another keep their order. Throws what the catalog throws. */
  note(entry: AuditEntry): Promise<void>
}
