/** Decides what becomes of each effect of a faulty store or database, and counts them, so that a test can stop at every one. */

export type EffectKind =
  | 'create'
  | 'reopen'
  | 'append'
  | 'sync'
  | 'truncate'
  | 'delete'
  | 'read'
  | 'query'
  | 'run'
  | 'commit'

export interface Effect {
  /** 1, 2, 3 … over everything that shares these faults. */
  readonly number: number
  readonly kind: EffectKind
  /** Pack name or SQL text. */
  readonly target: string
}

export interface Fate {
  /** How much of the effect takes place before the error. Half of an append is a torn write. */
  readonly done: 'none' | 'half' | 'all'
  readonly error: unknown
  /** Nothing takes place any more afterwards: the process died here. */
  readonly crash?: boolean
}

export class Faults {
  effects = 0
  crashed = false
  readonly #fateOf: (effect: Effect) => Fate | undefined

  constructor(fateOf: (effect: Effect) => Fate | undefined = () => undefined) {
    this.#fateOf = fateOf
  }

  /** Runs `whole`, or `half` of it, or nothing, as decided. Reads are no effects: they have no number. */
  async effect<T>(kind: EffectKind, target: string, whole: () => Promise<T>, half = noHalf): Promise<T> {
    if (this.crashed) throw new Crash()
    const counted = kind === 'read' || kind === 'query' ? this.effects : ++this.effects
    const fate = this.#fateOf({ number: counted, kind, target })
    if (fate === undefined) {
      const result = await whole()
      // Somebody pulled the plug meanwhile: nobody is left to hear the answer.
      if (this.crashed) throw new Crash()
      return result
    }
    if (fate.crash === true) this.crashed = true
    if (fate.done === 'all') await whole()
    if (fate.done === 'half') await half()
    throw fate.error
  }
}

/** Thrown by every effect after the crash. */
export class Crash extends Error {
  constructor() {
    super('the process is dead')
  }
}

async function noHalf(): Promise<void> {}
