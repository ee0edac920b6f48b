/**
 * Decides when a backup runs. Pure: what happened goes in by `step`, the answer comes from `decide`, and time is an
 * argument. Whoever drives it calls `decide` after each event and when the time has come that the last answer named.
 *
 *     state = step(state, { kind: 'hinted' }, now)
 *     decide(state, rules, conditions, now)      // { do: 'wait', why: 'settling', untilMs: now + 300 }
 *
 * Times are of the wall clock, because a laptop that sleeps must wake up to what it missed. A clock that is set back moves
 * every time in the state with it (`set_back`), so nothing waits for a time that lies years ahead.
 */
import { unreachable } from '@backstay/proto/failure'
import { lastBegun, type Manners, nextToBegin, type Schedule } from '@backstay/proto/policy/schedule'

export interface SchedulerState {
  /** Oldest and newest change that no run has begun to take in. */
  readonly firstHintMs: number | undefined
  readonly lastHintMs: number | undefined
  /** The oldest change that the run under way takes in. */
  readonly takenHintMs: number | undefined
  readonly runningSinceMs: number | undefined
  /** When the newest successful run began and ended. */
  readonly lastStartedMs: number | undefined
  readonly lastCompleteMs: number | undefined
  /** When everything is to be read again, whatever was hinted. */
  readonly reconcileMs: number
  /** The same for what was doubted while a run was under way, which has looked at some of it before. */
  readonly doubtMs: number | undefined
  /**
   * Since when something waits that nobody saw, or may: since the agent ran last, or began, or doubted. A run that looks at
   * everything takes it in.
   */
  readonly leftSinceMs: number | undefined
  /** After a failure: not before. */
  readonly retryMs: number | undefined
  readonly pausedUntilMs: number | undefined
  readonly pausedSinceMs: number | undefined
  /** The admin who said it from afar; undefined: somebody here did. */
  readonly pausedBy: string | undefined
  /** Somebody said: now. */
  readonly isAsked: boolean
  /** Work done lately, which time makes up for: see `effortMaxMs`. */
  readonly effortMs: number
  readonly effortAtMs: number
  /** From 0 to below 1, drawn anew after each run: keeps 10,000 devices apart. */
  readonly jitter: number
}

export type SchedulerEvent =
  /** Something changed. */
  | { readonly kind: 'hinted' }
  /** Something may have changed, anywhere: overflow, a sleep, a root that is back. */
  | { readonly kind: 'doubted' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'started' }
  /** `everything`: the run looked at all there is; otherwise at what was hinted, and the next look at all is no later for it. */
  | {
      readonly kind: 'succeeded'
      readonly everything: boolean
      readonly jitter: number
      readonly reconcileMs: number
    }
  | { readonly kind: 'failed'; readonly retryAfterMs: number }
  /** The run under way was ended by `mustEnd`: what it was to take in waits as before. */
  | { readonly kind: 'held' }
  /** `by`: the admin who says it from afar. */
  | { readonly kind: 'paused'; readonly untilMs: number; readonly by?: string }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'set_back'; readonly byMs: number }

export interface Conditions {
  readonly isConnected: boolean
  /** Undefined: not on battery, or not known. */
  readonly batteryPercent: number | undefined
  readonly isMetered: boolean
}

export interface Rules {
  readonly schedule: Schedule
  readonly manners: Manners
  /** Everything is read again at least so often. */
  readonly reconcileMs: number
}

export type Decision =
  /** `everything`: all there is, not only what was hinted. */
  | { readonly do: 'run'; readonly why: RunReason; readonly everything: boolean }
  /** `untilMs` undefined: until something happens. */
  | { readonly do: 'wait'; readonly why: WaitReason; readonly untilMs: number | undefined }

export type RunReason = 'asked' | 'changes' | 'interval' | 'window' | 'catch_up' | 'reconcile'
export type WaitReason =
  | ('running' | 'paused' | 'offline' | 'battery' | 'metered' | 'failed')
  | ('settling' | 'effort' | 'nothing_due')

/** After a start or a doubt devices spread their reading over this time; what makes all of them reconnect spreads them more. */
const doubtSpreadMs = 5_000
/** A link that comes and goes asks for no more than one reconcile in this time. */
const reconnectQuietMs = 10 * 60_000
/** A window's runs are spread over a quarter of it, at most half an hour. */
const windowSpreadMaxMs = 30 * 60_000
/**
 * Whoever saves every other second gets three minutes of runs at once, and then a sixth of the time: a change is never
 * further from protection than the ceiling and six times what a run takes.
 */
const effortMaxMs = 180_000
const effortRecovery = 1 / 6

export function startingState(
  nowMs: number,
  jitter: number,
  known: Partial<SchedulerState> = {},
): SchedulerState {
  return {
    firstHintMs: undefined,
    lastHintMs: undefined,
    takenHintMs: undefined,
    runningSinceMs: undefined,
    lastStartedMs: undefined,
    lastCompleteMs: undefined,
    retryMs: undefined,
    pausedUntilMs: undefined,
    pausedSinceMs: undefined,
    pausedBy: undefined,
    isAsked: false,
    effortMs: 0,
    effortAtMs: nowMs,
    doubtMs: undefined,
    jitter,
    ...known,
    // Nobody watched while we were away.
    reconcileMs: nowMs + jitter * doubtSpreadMs,
    leftSinceMs: known.leftSinceMs ?? nowMs,
  }
}

export function step(state: SchedulerState, event: SchedulerEvent, nowMs: number): SchedulerState {
  switch (event.kind) {
    case 'hinted':
      return { ...state, firstHintMs: state.firstHintMs ?? nowMs, lastHintMs: nowMs }
    case 'doubted': {
      const atMs = nowMs + state.jitter * doubtSpreadMs
      return state.runningSinceMs === undefined
        ? { ...sooner(state, atMs), leftSinceMs: state.leftSinceMs ?? nowMs }
        : { ...state, doubtMs: state.doubtMs ?? atMs }
    }
    case 'connected': {
      const isRecent = state.lastCompleteMs !== undefined && nowMs - state.lastCompleteMs < reconnectQuietMs
      // What failed for want of a link is tried again now; the reconnect has its own jitter.
      const tried = { ...state, retryMs: undefined }
      return isRecent ? tried : sooner(tried, nowMs + state.jitter * doubtSpreadMs)
    }
    case 'asked':
      return { ...state, isAsked: true }
    case 'started':
      return {
        ...state,
        takenHintMs: state.firstHintMs,
        firstHintMs: undefined,
        lastHintMs: undefined,
        runningSinceMs: nowMs,
        isAsked: false,
        retryMs: undefined,
      }
    case 'succeeded':
      return {
        ...ended(state, nowMs),
        takenHintMs: undefined,
        lastStartedMs: state.runningSinceMs ?? nowMs,
        lastCompleteMs: nowMs,
        jitter: event.jitter,
        doubtMs: undefined,
        leftSinceMs: event.everything ? undefined : state.leftSinceMs,
        reconcileMs: Math.min(
          state.doubtMs ?? Number.POSITIVE_INFINITY,
          event.everything ? nowMs + event.reconcileMs * (1 - event.jitter / 12) : state.reconcileMs,
        ),
      }
    case 'held':
      return sooner(undone(state, nowMs), state.doubtMs ?? Number.POSITIVE_INFINITY)
    case 'failed':
      return {
        ...undone(state, nowMs),
        retryMs: nowMs + event.retryAfterMs,
        reconcileMs: Math.min(state.reconcileMs, nowMs + event.retryAfterMs),
      }
    case 'paused':
      return {
        ...state,
        pausedUntilMs: event.untilMs,
        pausedSinceMs: pausedSince(state, nowMs) ?? nowMs,
        pausedBy: event.by,
      }
    case 'resumed':
      return { ...state, pausedUntilMs: undefined, pausedSinceMs: undefined, pausedBy: undefined }
    case 'set_back':
      return setBack(state, event.byMs)
    default:
      return unreachable(event)
  }
}

export function decide(state: SchedulerState, rules: Rules, conditions: Conditions, nowMs: number): Decision {
  if (state.runningSinceMs !== undefined) return wait('running')
  if (!conditions.isConnected) return wait('offline')
  if (state.isAsked) return { do: 'run', why: 'asked', everything: true }
  const { pausedUntilMs, retryMs } = state
  if (pausedUntilMs !== undefined && pausedUntilMs > nowMs) return wait('paused', pausedUntilMs)
  if (retryMs !== undefined && retryMs > nowMs) return wait('failed', retryMs)
  const due = dueBy(state, rules.schedule, nowMs)
  if (due.do === 'wait') return due
  const held = heldBy(rules.manners, conditions)
  if (held !== undefined) return wait(held)
  const restedMs = state.effortAtMs + (state.effortMs - effortMaxMs) / effortRecovery
  return restedMs > nowMs ? wait('effort', restedMs) : due
}

/** What a run began with. */
export interface Begun {
  readonly why: RunReason
  /** Of the pause that it began in; undefined: none. */
  readonly pausedUntilMs: number | undefined
}

/**
 * Why a run under way must end: what it sent stays sent, and the next goes on from there. Undefined: it may go on. What a
 * person asked for is ended by nothing but a pause that was said later.
 */
export function mustEnd(
  begun: Begun,
  { pausedUntilMs }: SchedulerState,
  { manners }: Rules,
  conditions: Conditions,
  nowMs: number,
): 'paused' | 'battery' | 'metered' | undefined {
  const isLater = pausedUntilMs !== begun.pausedUntilMs
  if (isLater && pausedUntilMs !== undefined && pausedUntilMs > nowMs) return 'paused'
  return begun.why === 'asked' ? undefined : heldBy(manners, conditions)
}

function heldBy(
  { batteryPercentMin, onMetered }: Manners,
  { batteryPercent, isMetered }: Conditions,
): 'battery' | 'metered' | undefined {
  if (batteryPercent !== undefined && batteryPercent < batteryPercentMin) return 'battery'
  return isMetered && !onMetered ? 'metered' : undefined
}

/** Since when there is something that is on no collector yet; undefined: nothing is known to be. */
export function unprotectedSince(state: SchedulerState): number | undefined {
  const known = [state.leftSinceMs, state.takenHintMs, state.firstHintMs].filter(ms => ms !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** Since when nobody can say that there is nothing: a look at everything is due, and has not been taken. */
export function unknownSince({ reconcileMs }: SchedulerState, nowMs: number): number | undefined {
  return reconcileMs <= nowMs ? Math.floor(reconcileMs) : undefined
}

/** Since when nothing runs because somebody said so; undefined: it is not paused. */
export function pausedSince(
  { pausedUntilMs, pausedSinceMs }: SchedulerState,
  nowMs: number,
): number | undefined {
  return pausedUntilMs !== undefined && pausedUntilMs > nowMs ? pausedSinceMs : undefined
}

function dueBy(state: SchedulerState, schedule: Schedule, nowMs: number): Decision {
  switch (schedule.kind) {
    case 'continuous': {
      const { firstHintMs, lastHintMs, reconcileMs } = state
      if (reconcileMs <= nowMs) return { do: 'run', why: 'reconcile', everything: true }
      if (firstHintMs === undefined || lastHintMs === undefined) return wait('nothing_due', reconcileMs)
      const dueMs = Math.min(lastHintMs + schedule.quietMs, firstHintMs + schedule.ceilingMs)
      return dueMs <= nowMs
        ? { do: 'run', why: 'changes', everything: false }
        : wait('settling', Math.min(dueMs, reconcileMs))
    }
    case 'every': {
      const spreadMs = schedule.everyMs * (0.9 + state.jitter * 0.2)
      const dueMs = Math.min(state.reconcileMs, (state.lastStartedMs ?? Number.NEGATIVE_INFINITY) + spreadMs)
      if (dueMs > nowMs) return wait('nothing_due', dueMs)
      const everything = state.reconcileMs <= nowMs
      return { do: 'run', why: everything ? 'reconcile' : 'interval', everything }
    }
    case 'windows':
      return dueByWindow(state, schedule, nowMs)
    default:
      return unreachable(schedule)
  }
}

function dueByWindow(
  { lastStartedMs, reconcileMs, jitter }: SchedulerState,
  { windows, catchUp }: Extract<Schedule, { kind: 'windows' }>,
  nowMs: number,
): Decision {
  const begun = lastBegun(windows, nowMs)
  const next = nextToBegin(windows, nowMs)
  const later = wait('nothing_due', next && spreadStart(next, jitter))
  if (begun === undefined || (lastStartedMs !== undefined && lastStartedMs >= begun.startMs)) return later
  const dueMs = spreadStart(begun, jitter)
  if (nowMs < dueMs) return wait('nothing_due', dueMs)
  // Nothing runs before the next window: what is due by then is done in this one.
  const everything = next === undefined || reconcileMs <= spreadStart(next, 1)
  if (nowMs < begun.endMs) return { do: 'run', why: 'window', everything }
  return catchUp ? { do: 'run', why: 'catch_up', everything } : later
}

function spreadStart({ startMs, endMs }: { startMs: number; endMs: number }, jitter: number): number {
  return startMs + jitter * Math.min((endMs - startMs) / 4, windowSpreadMaxMs)
}

function sooner(state: SchedulerState, atMs: number): SchedulerState {
  return { ...state, reconcileMs: Math.min(state.reconcileMs, atMs) }
}

/** What a run was to take in, and did not. */
function undone(state: SchedulerState, nowMs: number): SchedulerState {
  return {
    ...ended(state, nowMs),
    firstHintMs: state.takenHintMs ?? state.firstHintMs,
    lastHintMs: state.lastHintMs ?? state.takenHintMs,
    takenHintMs: undefined,
    doubtMs: undefined,
  }
}

function ended(state: SchedulerState, nowMs: number): SchedulerState {
  const tookMs = Math.max(0, nowMs - (state.runningSinceMs ?? nowMs))
  const rested = Math.max(0, state.effortMs - (nowMs - state.effortAtMs) * effortRecovery)
  // One long run, such as the first, must not hold up the changes behind it.
  return {
    ...state,
    runningSinceMs: undefined,
    effortMs: Math.min(rested + tookMs, effortMaxMs + tookMs, effortMaxMs * 1.5),
    effortAtMs: nowMs,
  }
}

function setBack(state: SchedulerState, byMs: number): SchedulerState {
  const moved = (ms: number | undefined) => (ms === undefined ? undefined : ms - byMs)
  return {
    ...state,
    firstHintMs: moved(state.firstHintMs),
    lastHintMs: moved(state.lastHintMs),
    takenHintMs: moved(state.takenHintMs),
    runningSinceMs: moved(state.runningSinceMs),
    lastStartedMs: moved(state.lastStartedMs),
    lastCompleteMs: moved(state.lastCompleteMs),
    retryMs: moved(state.retryMs),
    pausedUntilMs: moved(state.pausedUntilMs),
    pausedSinceMs: moved(state.pausedSinceMs),
    reconcileMs: state.reconcileMs - byMs,
    doubtMs: moved(state.doubtMs),
    leftSinceMs: moved(state.leftSinceMs),
    effortAtMs: state.effortAtMs - byMs,
  }
}

function wait(why: WaitReason, untilMs?: number): Decision {
  return { do: 'wait', why, untilMs }
}
